"""Every page that anyone may open is light, sound for everyone, and whole without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from portal.doors import ROWS
from tests.rig import browser as browsers
from tests.rig.processes import PortalProcess

PATHS = [
    row.path
    for row in ROWS
    if row.method == "GET"
    and not row.who
    and not row.is_machine
    and "<" not in row.path
    and not row.name.startswith("health.")
]


@pytest.fixture(scope="module")
def portal(
    tmp_path_factory: pytest.TempPathFactory, filled_folder: Path
) -> Iterator[PortalProcess]:
    folder = tmp_path_factory.mktemp("portal")
    with PortalProcess(folder, "--no-demo", like=filled_folder) as process:
        yield process


@pytest.mark.parametrize("path", PATHS)
def test_first_load_is_light(portal: PortalProcess, browser: Browser, path: str) -> None:
    browsers.assert_light(browser, portal.url + path)


@pytest.mark.parametrize("path", PATHS)
def test_page_has_no_accessibility_fault(
    portal: PortalProcess, browser: Browser, path: str
) -> None:
    with browsers.visitor(browser) as context:
        page = context.new_page()
        page.goto(portal.url + path)
        browsers.axe(page)


@pytest.mark.parametrize("path", PATHS)
def test_page_is_whole_without_scripts(portal: PortalProcess, browser: Browser, path: str) -> None:
    with browsers.visitor(browser, java_script_enabled=False, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(portal.url + path)
        html = page.content()
    browsers.axe_of_html(browser, html, at=portal.url + path)


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_page_needs_no_sideways_scrolling(
    portal: PortalProcess, browser: Browser, path: str, width: int
) -> None:
    """WCAG 2.2, 1.4.10: at 320 pixels everything can be read by scrolling in one direction."""
    with browsers.visitor(browser, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(portal.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

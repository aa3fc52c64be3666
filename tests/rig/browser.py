"""A real browser, and what it can tell about a page: accessibility faults and weight."""

import json
import mimetypes
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Route

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",  # tests may run as root in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FONTS = {"Font"}


def launch(playwright: Playwright) -> Browser:
    """Start the machine's own Chromium."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program, "No Chromium is installed; script/test installs it."
    return playwright.chromium.launch(executable_path=program, args=FLAGS)


def open_visitor(browser: Browser, **options: Any) -> BrowserContext:
    """Someone in Viet Nam; java_script_enabled=False for one whose browser runs no scripts."""
    context = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options)
    context.set_default_timeout(15_000)
    return context


@contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Such a person, for the length of a block."""
    context = open_visitor(browser, **options)
    try:
        yield context
    finally:
        context.close()


@cache
def axe_source() -> str:
    return (ROOT / "tests/vendor/axe/axe.min.js").read_text(encoding="utf-8")


def axe(page: Page) -> None:
    """Fail, naming rules and elements, when axe-core finds a fault on the page as it stands."""
    page.evaluate(axe_source())
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    faults = [
        f"{fault['id']} ({fault['impact']}): {fault['help']}\n"
        f"    {node['html'][:200]}\n    {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
    assert not faults, f"axe-core on {page.url}:\n" + "\n".join(faults)


class Checker:
    """A page that runs no script but the checker's own, for one HTML after another."""

    def __init__(self, browser: Browser) -> None:
        self.html = ""
        self.page = open_visitor(browser, bypass_csp=True).new_page()
        self.page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        if route.request.is_navigation_request():
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        elif route.request.resource_type == "script":
            route.abort()
        else:
            serve_static(route)

    def check(self, html: str, at: str) -> None:
        self.html = html
        self.page.goto(at)
        axe(self.page)


# Opening a page costs more than the check itself, and nothing stays on one that runs no scripts.
checkers: WeakKeyDictionary[Browser, Checker] = WeakKeyDictionary()


def axe_of_html(browser: Browser, html: str, at: str = "http://portal.test/") -> None:
    """Check a page that was fetched without scripts, running no script but the checker's own."""
    if browser not in checkers:
        checkers[browser] = Checker(browser)
    checkers[browser].check(html, at)


def serve_static(route: Route) -> None:
    """Answer from static/ as the portal would."""
    path = route.request.url.split("?")[0].partition("/static/")[2]
    file = ROOT / "static" / path
    if path and file.is_file():
        route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0])
    else:
        route.fulfill(status=404)


def first_load_bytes(browser: Browser, url: str) -> dict[str, int]:
    """What a first visit brings over the wire, as sent (compressed), by address, fonts left out."""
    with visitor(browser) as context:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        sizes: dict[str, int] = {}
        address_of: dict[str, tuple[str, str]] = {}
        wire.on("Network.responseReceived", lambda got: address_of.update(
            {got["requestId"]: (got["response"]["url"], got["type"])}))  # fmt: skip
        wire.on("Network.loadingFinished", lambda got: sizes.update(
            {got["requestId"]: int(got["encodedDataLength"])}))  # fmt: skip
        page.goto(url, wait_until="networkidle")
        return {
            address_of[key][0]: size
            for key, size in sizes.items()
            if key in address_of and address_of[key][1] not in FONTS
        }


def assert_light(browser: Browser, url: str, most: int = 60_000) -> None:
    """Fail, naming the parts, when a first load is heavier than `most` bytes besides fonts."""
    parts = first_load_bytes(browser, url)
    assert parts, f"nothing was loaded from {url}"
    assert sum(parts.values()) <= most, (
        f"{sum(parts.values())} bytes:\n{json.dumps(parts, indent=1)}"
    )

"""The look holds: accessible in every state, usable without scripts, light, quick with them."""

import gzip
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, StringField
from wtforms.validators import Length

from portal.patterns import show
from tests.rig import browser as browsers

ROOT = Path(__file__).resolve().parents[2]
HERE = "http://portal.test/"


def patterns(app: Flask, cookie: str = "") -> str:
    """The pattern page as the portal sends it."""
    with app.test_request_context("/", headers={"Cookie": cookie}):
        return show()


def open_html(page: Page, html: str) -> list[dict[str, list[str]]]:
    """Show `html` with our own assets and scripts; gives what the page posts from then on."""
    posted: list[dict[str, list[str]]] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            posted.append(parse_qs(route.request.post_data or ""))
            route.fulfill(status=204)
        elif route.request.is_navigation_request():
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            browsers.serve_static(route)

    page.route("**/*", answer)
    page.goto(HERE)
    return posted


@pytest.mark.parametrize(
    ("width", "cookie"),
    [(360, "display_size=large"), (1280, ""), (360, "display_contrast=1")],
    ids=["phone-large", "desk", "phone-contrast"],
)
def test_every_component_is_accessible_in_every_display(
    app: Flask, page: Page, width: int, cookie: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_html(page, patterns(app, cookie))
    browsers.axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_high_contrast_text_has_seven_to_one(app: Flask, page: Page) -> None:
    open_html(page, patterns(app, "display_contrast=1"))
    page.evaluate(browsers.axe_source())
    found = page.evaluate("axe.run(document, {runOnly: ['color-contrast-enhanced']})")
    faults = [node["html"][:120] for fault in found["violations"] for node in fault["nodes"]]
    assert not faults


def test_display_changes_without_scripts(client: FlaskClient) -> None:
    form = BeautifulSoup(client.get("/").text, "lxml").select_one("form.mc-display")
    assert form is not None
    kept = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    address = str(form["action"])
    assert client.post(address, data={**kept, "size": "large"}).status_code == 303
    assert client.post(address, data={**kept, "contrast": "1"}).headers["Location"] == "/"
    html = BeautifulSoup(client.get("/").text, "lxml").html
    assert html is not None
    assert {"size-large", "contrast-high"} <= set(html["class"])


def test_display_changes_at_once_and_loses_nothing_typed(app: Flask, page: Page) -> None:
    posted = open_html(page, patterns(app))
    page.fill("#plain-full_name", "Nguyễn Thị Mẫu")
    with page.expect_request(lambda request: request.method == "POST"):
        page.click("button[name=size][value=large]")
    assert "size-large" in page.evaluate("document.documentElement.className")
    assert page.input_value("#plain-full_name") == "Nguyễn Thị Mẫu"
    assert len(posted) == 1


def test_errors_take_the_focus_and_lead_to_their_fields(app: Flask, page: Page) -> None:
    open_html(page, patterns(app))
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    page.click("a[href='#failed-way']")
    assert page.evaluate("document.activeElement.id") == "failed-way"


def test_a_form_pressed_twice_is_sent_once(app: Flask, page: Page) -> None:
    posted = open_html(page, patterns(app))
    page.evaluate(
        "() => { const b = document.querySelector('button[name=go]'); b.click(); b.click(); }"
    )
    page.wait_for_function("document.querySelector('form[data-sent]') !== null")
    assert len(posted) == 1


def test_every_typed_value_and_every_error_is_shown_again(app: Flask) -> None:
    soup = BeautifulSoup(patterns(app), "lxml")
    assert soup.select_one("#failed-phone")["value"] == "09"
    assert soup.select_one("#failed-born")["value"] == "31/02/2026"
    for link in soup.select("[data-error-summary] a[href^='#failed-']"):
        field = soup.select_one(str(link["href"]))
        assert field is not None, link
        group = field.find_parent(class_="govuk-form-group")
        assert group is not None
        assert link.text in group.text


def test_summary_walks_into_lists_and_inner_forms(app: Flask) -> None:
    class Lines(Form):
        names = FieldList(StringField("Tên", [Length(min=3, message="Tên quá ngắn")]))

    lines = Lines(MultiDict({"names-0": "a", "names-1": "đủ dài"}))
    assert not lines.validate()
    with app.test_request_context("/"):
        macros = app.jinja_env.get_template("components/error_summary.html").module
        summary = BeautifulSoup(macros.error_summary(lines), "lxml")
    assert [(a["href"], a.text) for a in summary.select("a")] == [("#names-0", "Tên quá ngắn")]


def test_assets_of_a_page_weigh_little(client: FlaskClient) -> None:
    soup = BeautifulSoup(client.get("/").text, "lxml")
    linked = [tag["href"] for tag in soup.select("link[rel=stylesheet]")]
    linked += [tag["src"] for tag in soup.select("script[src]")]
    packed = {address: len(gzip.compress(client.get(address).data)) for address in map(str, linked)}
    assert len(packed) == 4
    assert sum(packed.values()) <= 45_000, packed

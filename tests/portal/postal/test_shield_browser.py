"""A page that asks by itself while its desk locks itself: covered, and nothing typed is lost."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect, sync_playwright

from portal import clock
from portal.accounts.models import User, WebSession
from portal.accounts.passwords import hash_password
from portal.db import transaction
from portal.documents.models import FileState
from portal.extensions import db
from tests.factories.post import Road
from tests.rig.browser import axe, launch, serve_static, visitor
from tests.rig.sign_in import PASSWORD, SignIn

SITE = "http://localhost"


class Portal:
    """The real application behind a real browser, and every address the browser asked for."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.asked: list[str] = []

    def answer(self, route: Route) -> None:
        request = route.request
        if "/static/" in request.url:
            return serve_static(route)
        parts = urlsplit(request.url)
        self.asked.append(request.url)
        headers = {**request.headers, "sec-fetch-site": "same-origin"}
        headers.pop("cookie", None)
        answer = self.client.open(
            f"{parts.path}?{parts.query}",
            method=request.method,
            data=request.post_data_buffer,
            headers=headers,
        )
        kept = {k: v for k, v in answer.headers.items() if k.lower() != "set-cookie"}
        return route.fulfill(status=answer.status_code, headers=kept, body=answer.get_data())


def change_session(**values: datetime) -> None:
    """What time, or another tab, does to the session."""
    with transaction() as session:
        session.query(WebSession).update(values)


def polled(page: Page, status: int) -> None:
    """Wait for the tally's own question to be answered so."""
    page.wait_for_event(
        "response", lambda got: "/kiem-dem/tong" in got.url and got.status == status
    )


def tally_being_read(road: Road) -> str:
    """A tally page that asks again every two seconds, since a scan is still being read."""
    with transaction() as session:
        session.get_one(User, road.clerk.user_id).password_hash = hash_password(PASSWORD)
    public_id = road.registered()
    road.scanned(public_id, state=FileState.READING)
    return f"/buu-dien/ho-so/{public_id}/kiem-dem"


def unlock(page: Page) -> None:
    """Somebody tries Escape, then a wrong password across a poll, then the right one."""
    shield = page.get_by_role("dialog")
    password = shield.get_by_label("Mật khẩu")
    button = shield.get_by_role("button", name="Mở khoá")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    password.fill("wrong")
    polled(page, 403)
    expect(password).to_have_value("wrong")
    button.click()
    expect(shield).to_contain_text("Mật khẩu chưa đúng.")
    password.fill(PASSWORD)
    button.click()
    expect(shield).to_be_hidden()


def test_locked_desk_covers_a_page_that_polls_and_keeps_what_is_typed(
    road: Road, sign_in: SignIn
) -> None:
    address = tally_being_read(road)
    portal = Portal(sign_in.known(db.session.get_one(User, road.clerk.user_id)))
    with sync_playwright() as playwright, visitor(launch(playwright)) as context:
        page = context.new_page()
        page.route("**/*", portal.answer)
        page.goto(f"{SITE}{address}")
        seal = page.locator("input[name=seal_number]")
        seal.fill("NP-123456")
        polled(page, 200)
        change_session(seen_at=clock.now() - timedelta(minutes=16))
        expect(page.get_by_role("dialog")).to_be_visible()
        assert page.locator("#accounts-shield:modal").count() == 1
        axe(page)
        unlock(page)
        expect(seal).to_have_value("NP-123456")
        change_session(ended_at=clock.now())
        expect(page.locator("#mc-alert")).to_contain_text("Phiên làm việc đã hết")
        expect(seal).to_have_value("NP-123456")
    assert not any("form_owner" in asked for asked in portal.asked)

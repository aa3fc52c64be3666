"""The tally in a real browser: the seal waits for an upload, and asks after files not yet sent."""

from collections.abc import Callable

from flask.testing import FlaskClient
from playwright.sync_api import FilePayload, Route, expect, sync_playwright

from portal.access import Actor
from tests.factories.papers import drawn
from tests.factories.post import Road
from tests.rig.browser import launch, serve_static, visitor

AT = "http://portal.test/"


class Counter:
    """A server that gives one page, holds every scan, and notes every tally."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.held: list[Route] = []
        self.tallies: list[str] = []

    def answer(self, route: Route) -> None:
        request = route.request
        if "/static/" in request.url:
            serve_static(route)
        elif request.url.endswith("/quet"):
            self.held.append(route)
        elif request.method == "POST":
            self.tallies.append(request.url)
            route.fulfill(status=204)
        elif request.is_navigation_request():
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(status=204)


def test_seal_waits_for_an_upload_and_asks_after_files_not_sent(
    road: Road, client_of: Callable[[Actor], FlaskClient]
) -> None:
    clerk = client_of(road.clerk)
    public_id = road.registered()
    road.scanned(public_id)
    road.tallied(public_id)
    address = f"/buu-dien/ho-so/{public_id}/kiem-dem"
    answer = clerk.get(address)
    assert answer.status_code == 200
    counter = Counter(answer.get_data(as_text=True))
    scan: FilePayload = {"name": "quét.png", "mimeType": "image/png", "buffer": drawn()}
    with sync_playwright() as playwright, visitor(launch(playwright)) as context:
        page = context.new_page()
        page.route("**/*", counter.answer)
        page.goto(AT)
        seal = page.get_by_role("button", name="Lưu và niêm phong")
        page.set_input_files("input[type=file] >> nth=0", [scan])
        seal.click()
        expect(page.locator("#mc-alert")).to_contain_text("chưa tải lên")
        page.get_by_role("button", name="Tải lên").first.click()
        expect(seal).to_be_disabled()
        expect(page.get_by_text("Đang tải tệp lên").first).to_be_visible()
        assert counter.tallies == []
        counter.held[0].fulfill(status=204)
        expect(seal).to_be_enabled()
        with page.expect_request(lambda request: request.url.endswith(address)):
            seal.click()

"""The people of the walk: each in a browser of his own, doing what he would do by hand."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

from tests.rig import browser as browsers

PASSWORD = "motcua-demo-2026"
RANDOM_PART = re.compile(r"/[\w-]{16}(?=/|$)|H32[\d.-]+")


class Person:
    """Somebody with a browser, signed in when he says so.

    Each kind of page he sees is checked once by axe-core; where his browser runs no scripts,
    the page is loaded into another one that runs the checker's only.
    """

    def __init__(
        self, context: BrowserContext, address: str, seen: set[str], *, scripts: bool = True
    ) -> None:
        self.context = context
        self.address = address
        self.seen = seen
        self.scripts = scripts
        self.page: Page = context.new_page()

    def looks_round(self) -> None:
        """Check the page as it stands, unless one of its kind has been checked."""
        path = RANDOM_PART.sub("/…", urlsplit(self.page.url).path)
        kind = f"{path} {self.page.locator('h1').first.inner_text()}"
        if RANDOM_PART.sub("…", kind) in self.seen:
            return
        self.seen.add(RANDOM_PART.sub("…", kind))
        if self.scripts:
            browsers.axe(self.page)
        else:
            assert self.context.browser is not None
            browsers.axe_of_html(self.context.browser, self.page.content())

    def signs_in(self, name: str) -> None:
        """Through the sign-in page, with the demo's password."""
        self.opens("/dang-nhap")
        self.page.get_by_label("Thư điện tử").fill(f"{name}@demo.test")
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.main.get_by_role("button", name="Đăng nhập").click()

    def opens(self, path: str) -> None:
        """Go to an address of the portal."""
        answer = self.page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        self.looks_round()

    @property
    def main(self) -> Locator:
        """The page without head and foot."""
        return self.page.get_by_role("main")

    def offered(self, name: str) -> Locator:
        """Buttons and links with these words."""
        button = self.main.get_by_role("button", name=name, exact=True)
        return button.or_(self.main.get_by_role("link", name=name, exact=True))

    def presses(self, name: str) -> None:
        """The first button or link with these words."""
        self.offered(name).first.click()

    def fills(self, answers: dict[str, str]) -> None:
        """Every question on this page that `answers` knows, by the name of its control."""
        for name, value in answers.items():
            control = self.main.locator(
                f'[name="{name}"]:visible, input[type=radio][name="{name}"]'
            )
            if control.count():
                self._answer(control, value)

    def _answer(self, control: Locator, value: str) -> None:
        kind = control.first.evaluate("e => e.tagName + ':' + (e.type || '')").lower()
        if kind.endswith(":radio"):
            self.main.locator(
                f'[name="{control.first.get_attribute("name")}"][value="{value}"]'
            ).check()
        elif kind.startswith("select"):
            control.first.select_option(value)
        elif kind.endswith(":checkbox"):
            control.first.set_checked(value == "yes")
        else:
            control.first.fill(value)

    def downloads(self, link: str) -> bytes:
        """What stands behind a link, fetched with this person's cookies."""
        href = self.offered(link).first.get_attribute("href")
        answer = self.context.request.get(f"{self.address}{href}")
        assert answer.ok, f"{href}: {answer.status}"
        return answer.body()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until these words are on the page."""
        self.main.get_by_text(text).first.wait_for()
        self.looks_round()

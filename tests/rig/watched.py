"""A real browser whose every page tells what ran in it, what it refused, and whom it called."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.rig.browser import visitor

# Put into each page before its own scripts, past its policy: the mark's function, and the ear.
EAR = """
window.came_alive = [];
window.q7x = () => { window.came_alive.push('a script of the mark ran'); };
document.addEventListener('securitypolicyviolation', event => {
  window.came_alive.push(`${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`);
}, true);
"""
PATIENCE = 90_000  # a busy machine is no defect
LOOK = """() => window.came_alive.concat(
  [...document.querySelectorAll('q7x, [q7x]')].map(found => found.outerHTML.slice(0, 200)))"""


@contextmanager
def on_a_port(app: Flask) -> Iterator[str]:
    """The application of this process, with this process's clock, for a browser to reach."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watched:
    """One person's browser; `heard` is all that should not have happened on its pages."""

    site: str
    context: BrowserContext
    page: Page
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.add_init_script(EAR)
        self.page.close()
        self.page = self.context.new_page()
        self.page.on("dialog", self._dismiss)
        self.page.on("pageerror", lambda error: self._note(f"error {error}"))
        self.page.on("console", lambda said: self._listen(said.type, said.text))
        self.context.on("request", lambda asked: self._check(asked.url))
        self.context.route("**://*.test/**", lambda route: route.abort())  # nobody is called

    def open(self, path: str) -> int:
        """Go there, let its scripts and their questions end, and look around."""
        answer = self.page.goto(self.site + path, wait_until="networkidle", timeout=PATIENCE)
        for one in self.page.evaluate(LOOK):
            self._note(one)
        return answer.status if answer else 0

    def _note(self, what: str) -> None:
        self.heard.append(f"{self.page.url}: {what}")

    def _dismiss(self, dialog: object) -> None:
        self._note("a dialog")
        dialog.dismiss()  # type: ignore[attr-defined] # the library's own

    def _listen(self, kind: str, text: str) -> None:
        if kind == "error":  # warnings are about slow lines and the like
            self._note(f"console {kind}: {text}")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        is_ours = f"{parts.scheme}://{parts.netloc}" == self.site
        if parts.scheme in ("http", "https", "ws", "wss") and not (
            is_ours and parts.path != "/q7x"
        ):
            self._note(f"a request to {url}")


@contextmanager
def watched(browser: Browser, site: str, client: FlaskClient) -> Iterator[Watched]:
    """The browser of the person whose cookies this client holds."""
    with visitor(browser) as context:
        cookies = client._cookies or {}
        context.add_cookies(
            [{"name": one.key, "value": one.value, "url": site} for one in cookies.values()]
        )
        yield Watched(site, context, context.new_page())

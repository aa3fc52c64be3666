"""A person who reads pages and fills in their forms, as a browser without scripts does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Protocol
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

VOID = {"text", "hidden", "tel", "email", "search", "password", "number"}


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send if nothing were touched."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Collects the forms of a page; buttons count only when pressed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.select: str | None = None
        self.area: str | None = None
        self.feed(page)

    @property
    def form(self) -> Form | None:
        return self.found[-1] if self.found else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get")))
        elif self.form is None:
            return
        elif tag == "input":
            self._input(given, name)
        elif tag == "select":
            self.select = name
            self.form.names.add(name)
        elif tag == "option" and self.select and "selected" in given:
            self.form.values[self.select] = [given.get("value", "")]
        elif tag == "textarea":
            self.area = name
            self.form.names.add(name)
            self.form.values[name] = [""]

    def _input(self, given: dict[str, str], name: str) -> None:
        assert self.form is not None
        kind = given.get("type", "text")
        self.form.names.add(name)
        if kind in VOID or (kind in ("radio", "checkbox") and "checked" in given):
            self.form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.area and self.form is not None:
            before = self.form.values[self.area][0]
            # A browser drops the one line break right after the opening tag.
            self.form.values[self.area] = [before + (data if before else data.removeprefix("\n"))]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None


class Browser(Protocol):
    """What a reader needs of a client."""

    def get(self, *given: Any, **named: Any) -> TestResponse: ...

    def post(self, *given: Any, **named: Any) -> TestResponse: ...


class Reader:
    """Opens addresses, remembers where he is, and sends forms of the page before him."""

    def __init__(self, client: Browser) -> None:
        self.client = client
        self.url = "/"
        self.answer: TestResponse | None = None

    @property
    def page(self) -> str:
        assert self.answer is not None
        return self.answer.text

    @property
    def status(self) -> int:
        assert self.answer is not None
        return self.answer.status_code

    def open(self, address: str) -> "Reader":
        """Go to an address of the site, through its redirects."""
        return self.arrive(self.client.get(address, follow_redirects=True))

    def form(self, having: str) -> Form:
        """The form that goes to an address with this in it, or has a field of this name."""
        forms = Forms(self.page).found
        fitting = [form for form in forms if having in form.action or having in form.names]
        assert fitting, f"no form for {having!r} among {[form.action for form in forms]}"
        return fitting[-1]

    def send(self, having: str, *, follow: bool = True, **values: Any) -> "Reader":
        """Fill in the form and press its button; what is not named stays as the page has it."""
        form = self.form(having)
        sent: dict[str, Any] = {**form.values, **values}
        action = form.action or self.url
        if form.method == "get":
            return self.arrive(self.client.get(action, query_string=sent))
        return self.post(action, sent, follow=follow)

    def post(self, action: str, sent: dict[str, Any], *, follow: bool = True) -> "Reader":
        """Send exactly these values."""
        return self.arrive(self.client.post(action, data=sent, follow_redirects=follow))

    def arrive(self, answer: TestResponse) -> "Reader":
        """Look at an answer that was asked for in another way."""
        self.answer = answer
        parts = urlsplit(answer.request.url)
        self.url = parts.path + (f"?{parts.query}" if parts.query else "")
        return self

"""What a page leads to: links, pictures, fragments, and forms with all they would send."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SOURCES = ("href", "src", "data", "data-hx-get", "data-pdf", "poster")
FILLED = "Thử"  # what somebody types where a page leaves a field empty


@dataclass
class SentForm:
    """A form with each field it has; what the page leaves open is filled with anything."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class Leads(HTMLParser):
    """Collects where a page leads."""

    def __init__(self, page: str, here: str) -> None:
        super().__init__()
        self.here = here
        self.links: list[str] = []
        self.forms: list[SentForm] = []
        self.select = ""
        self.is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag != "link" or given.get("rel") != "stylesheet":
            self.links += [given[name] for name in SOURCES if given.get(name)]
        if given.get("data-hx-post") and tag != "form":
            self.forms.append(SentForm(given["data-hx-post"], "POST"))
        if tag == "form":
            action = given.get("action") or self.here
            self.forms.append(SentForm(action, given.get("method", "get").upper()))
            self.is_inside = True
        elif self.is_inside:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, form = given.get("name", ""), self.forms[-1]
        if tag == "select":
            self.select = name
        elif tag == "option":
            self._option(given)
        elif tag == "input" and name:
            self._input(name, given)
        elif tag in ("textarea", "button") and name:
            form.fields.setdefault(name, given.get("value", FILLED))

    def _option(self, given: dict[str, str]) -> None:
        fields = self.forms[-1].fields
        if (
            self.select
            and given.get("value")
            and ("selected" in given or self.select not in fields)
        ):
            fields[self.select] = given["value"]

    def _input(self, name: str, given: dict[str, str]) -> None:
        form, kind = self.forms[-1], given.get("type", "text")
        if kind == "file":
            form.files.add(name)
        elif kind not in ("radio", "checkbox"):
            form.fields.setdefault(name, given.get("value") or FILLED)
        elif name not in form.fields or "checked" in given:
            form.fields[name] = given.get("value", "y")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "select":
            self.select = ""

"""Fills a form in as somebody does who reads its page: by kind, choice, and what it says is wrong.

Nothing here knows a form. Where the page leaves a field open, the usual things people type are
tried one after the other, and only in the fields the answer points at.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import pyotp

from portal import clock
from tests.access.people import AUTHENTICATOR
from tests.drawing.pages import draw_page, to_bytes
from tests.rig.sign_in import PASSWORD

Typed = dict[str, str | list[str] | tuple[io.BytesIO, str]]
MOST = 8  # answers to one form, for each of its buttons
WRONG = re.compile(r'id="([\w-]+?)-error"')
ACCOUNT = "nguoi1@test.invalid"
KNOWN = {  # what somebody has by heart, or in his pocket
    "username": lambda: ACCOUNT,
    "current-password": lambda: PASSWORD,
    "one-time-code": lambda: pyotp.TOTP(AUTHENTICATOR).at(clock.now()),
}
NUMBERS = ["2", "1", "15000"]
TEXTS = ["Thử", "01/02/1990", "2", "0900000123", "022090001234", "moi@test.invalid"]


@dataclass
class Control:
    """One field, and what may be put into it, likeliest first; None is left out."""

    kind: str
    values: list[str | None] = field(default_factory=list)
    is_ready: bool = False  # the page has put something in, or who fills it in knows it


@dataclass
class Sheet:
    """A form of a page with all its fields."""

    action: str
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, wrong: dict[str, int], button: int) -> Typed:
        """What is sent when so many things have turned out wrong in each field."""
        sent: Typed = {}
        for name, control in self.controls.items():
            if not control.values:  # a choice of nothing
                continue
            choice = control.values[min(wrong.get(name, 0), len(control.values) - 1)]
            if control.kind == "file":
                if choice:
                    sent[name] = (io.BytesIO(_picture()), "don.jpg")
            elif choice is not None:
                sent[name] = choice
        if self.buttons:
            name, text = self.buttons[button]
            sent[name] = text
        return sent


class _Forms(HTMLParser):
    """The forms of a page by themselves, for fields that stand before the form they name."""

    def __init__(self, page: str, here: str) -> None:
        super().__init__()
        self.here = here
        self.found: list[tuple[Sheet, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            given = {name: value or "" for name, value in attrs}
            sheet = Sheet(urljoin(self.here, given.get("action") or self.here))
            self.found.append((sheet, given))


class Sheets(HTMLParser):
    """Reads the forms of a page, with fields that stand elsewhere and name their form."""

    def __init__(self, page: str, here: str) -> None:
        super().__init__()
        forms = _Forms(page, here).found
        self.coming = iter([sheet for sheet, _ in forms])
        self.named = {given.get("id", ""): sheet for sheet, given in forms}
        self.found = [one for one, given in forms if given.get("method", "").lower() == "post"]
        self.inside: Sheet | None = None
        self.select: Control | None = None
        self.optional = set(re.findall(r'for="([^"]+)"[^>]*>[^<]*<span class="mc-optional"', page))
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = next(self.coming)
            return
        sheet = self.named.get(given["form"]) if "form" in given else self.inside
        if tag == "option" and self.select is not None:
            self._choose(self.select, given, "selected")
        elif given.get("name") and "disabled" not in given and sheet is not None:
            self._control(sheet, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select" and self.select is not None:
            if self.select.values[:1] == [""]:  # nothing chosen is the second thing to try
                self.select.values.insert(1, self.select.values.pop(0))
            self.select = None

    def _control(self, sheet: Sheet, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        name, text = given["name"], given.get("value", "")
        if kind in ("button", "submit"):
            sheet.buttons.append((name, text))
            return
        control = sheet.controls.setdefault(name, Control(kind))
        if kind == "select":
            self.select = control
        elif kind in ("radio", "checkbox"):
            self._choose(control, given | {"value": text or "y"}, "checked")
        elif kind == "hidden":
            control.values, control.is_ready = [text], True
        elif kind == "file":
            control.values = [None, "a picture"]
        else:
            control.values = list(self._texts(kind, given))
            control.is_ready = given.get("autocomplete") in KNOWN

    def _choose(self, control: Control, given: dict[str, str], sign: str) -> None:
        if not given.get("value") and (control.kind != "select" or control.values):
            return
        at = 0 if sign in given and not control.is_ready else len(control.values)
        control.values.insert(at, given.get("value", ""))
        if control.kind == "checkbox":  # it need not be ticked
            control.values = [one for one in control.values if one is not None] + [None]
        control.is_ready = control.is_ready or (sign in given and bool(given.get("value")))

    def _texts(self, kind: str, given: dict[str, str]) -> Iterator[str]:
        """What stands there, or nothing where nothing is asked; then what people type."""
        if given.get("value") or given.get("id") in self.optional:
            yield given.get("value", "")
        if given.get("autocomplete") in KNOWN:
            yield KNOWN[given["autocomplete"]]()
        elif kind == "email":
            yield from ("moi@test.invalid", ACCOUNT)
        elif kind == "password":
            yield from ("an entirely new password", PASSWORD)
        elif kind == "tel":
            yield from TEXTS[3:]
        elif kind == "date":
            yield clock.today().isoformat()
        elif given.get("inputmode") in ("numeric", "decimal") or kind == "number":
            yield from [*NUMBERS, *TEXTS[1:]]
        else:
            yield from TEXTS


def _picture() -> bytes:
    return to_bytes(draw_page(1, dpi=75).image)


def wrong_in(page: str, sheet: Sheet) -> set[str]:
    """The fields an answer points at; where it points at none, all that a person has to fill.

    The answer shows the form once more, perhaps with fields that were not seen before.
    """
    for again in Sheets(page, sheet.action).found:
        if again.action == sheet.action:
            sheet.controls = again.controls | sheet.controls
    pointed = set(WRONG.findall(page)) & set(sheet.controls)
    return pointed or {name for name, control in sheet.controls.items() if not control.is_ready}

"""What is read from a hostile sheet stays words wherever it is shown, and so does its name."""

import io
import json
import re
import subprocess
from dataclasses import dataclass

import pikepdf
import pytest
import tinyhtml5
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.documents.store import open_object
from portal.dossiers.lifecycle import Status
from portal.worker import Worker
from tests.drawing.pages import Sheet, to_bytes
from tests.factories.office import Office
from tests.factories.papers import make_file, the_file
from tests.factories.world import make_world
from tests.portal.ground.poison import alive_in

LINES = (
    "Thachnhukyvan <img src=x onerror=alert(1)>",
    "<script>alert(1)</script> Thachnhukyvan",
    "<b onclick=alert(1)>Thachnhukyvan</b>",
    "{{7*7}} Thachnhukyvan {% raw %}",
    "=HYPERLINK(1) javascript:alert(1)",
)
WORD = "Thachnhukyvan"
SEARCH = f"/can-bo/tim?q={WORD}"
NAME = '"><img src=x onerror=alert(1)>\u202e{{7*7}}\r\nX-Planted: 1.png'


def sheet() -> bytes:
    """A clean scan of what somebody printed to be read."""
    drawn = Sheet(dpi=200, font=2, point=15)
    for line in LINES:
        drawn.line(line)
        drawn.gap(6)
    return to_bytes(drawn.image, "PNG")


def strangers(page: str) -> list[str]:
    """What no page of ours has: words that run, elements that act, pictures from nowhere."""
    found = []
    for element in tinyhtml5.parse(page, namespace_html_elements=False).iter():
        attributes = element.attrib
        found += [f"{element.tag} {name}" for name in attributes if name.startswith("on")]
        if element.tag == "script" and (element.text or "").strip():
            found.append(f"script {element.text}")
        if element.tag == "img" and not attributes.get("src", "").startswith(("/", "data:image")):
            found.append(f"img {attributes}")
        if attributes.get("href", "").lower().startswith("javascript"):
            found.append(str(attributes))
    return found


@dataclass
class Sheeted:
    """A hostile sheet in a dossier, read by the real reader, and whose desk it is on."""

    officer: FlaskClient
    dossier: str
    file: str
    page: str
    text: str
    copy: bytes


@pytest.fixture
def sheeted(app: Flask) -> Sheeted:
    with app.test_request_context():
        office = Office(app, make_world())
    dossier = office.dossier(Status.PROCESSING)
    with app.test_request_context():
        file_id = make_file(office.world, sheet(), NAME, dossier)
    with app.app_context():
        assert Worker(app, slots=1).work_once()
        file = the_file(file_id)
        (page,) = file.pages
        copy = open_object(file.searchable_key or "", file.searchable_sha256 or "")
        officer = office.client(Role.OFFICER)
        return Sheeted(officer, dossier, file_id, page.public_id, page.text, copy)


@pytest.mark.tools
def test_a_sheet_of_attacks_is_read_and_shown_as_words(sheeted: Sheeted) -> None:
    for part in ("<script>", "onerror", "7*7"):
        assert part in sheeted.text, "the reader must have read it for this to say anything"
    ask = sheeted.officer.get
    viewer = f"/can-bo/ho-so/{sheeted.dossier}?trang={sheeted.page}&tim={WORD}"
    for path in (viewer, SEARCH, f"/giay-to/tep/{sheeted.file}"):
        for headers in ({}, {"HX-Request": "true"}):
            shown = ask(path, headers=headers)
            assert shown.status_code == 200
            assert strangers(shown.text) == []
            assert f"49 {WORD}" not in shown.text
    assert "&lt;script&gt;" in ask(SEARCH).text, "the words stand in the excerpt"
    boxes = ask(f"/giay-to/trang/{sheeted.page}/chu?q={WORD}")
    assert boxes.mimetype == "application/json"
    assert json.loads(boxes.data)["boxes"]
    assert alive_in(sheeted.copy) == []
    assert "<script>" in words_of(sheeted.copy)
    assert_saved_under_one_name(ask(f"/giay-to/tep/{sheeted.file}/goc"))
    assert_saved_under_one_name(ask(f"/giay-to/tep/{sheeted.file}/ban-doc.pdf"))


def assert_saved_under_one_name(saved: TestResponse) -> None:
    """The name stands in one header, encoded, and makes no header more."""
    assert saved.status_code == 200
    assert "X-Planted" not in saved.headers
    name = saved.headers["Content-Disposition"]
    assert re.fullmatch(r"attachment; filename=\"[\w. -]*\"; filename\*=UTF-8''[\w%.-]*", name)


def words_of(pdf: bytes) -> str:
    """The text layer, as another program reads it."""
    with pikepdf.open(io.BytesIO(pdf)) as read:
        assert "/Names" not in read.Root
    answer = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return answer.stdout.decode()

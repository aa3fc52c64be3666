"""Whatever is handed in: nothing of it runs or shows in our origin, and copies carry no more."""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask
from PIL import Image

from portal.documents.models import DocumentFile, FileState
from portal.documents.services import LONGEST_NAME
from portal.documents.store import open_object
from portal.dossiers.handing_in import MOST_FILES
from portal.extensions import db
from portal.worker import Worker
from tests.factories.country import Country, start_online
from tests.factories.signing import make_signer, sign
from tests.hostile.corpus import GPS, NAMES, OWNER, REFUSED, TAKEN, Hostile, exif_photo, photo
from tests.rig.clamav import EICAR, Clamd
from tests.rig.forms import FROM_HERE
from tests.rig.reader import Reader
from tests.scanning import files

EDGE = "a-line-that-no-file-holds"
ACTIVE = {
    *("/JS", "/JavaScript", "/OpenAction", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/AA"),
    *("/XFA", "/AcroForm", "/URI", "/SubmitForm", "/ImportData", "/RichMedia", "/Rendition"),
    *("/Annots", "/GoToR", "/GoToE", "/Movie", "/Sound", "/Names"),
}
OURS = {"application/pdf", "image/jpeg", "image/png", "image/tiff"}


def body_of(fields: dict[str, list[str]], uploads: list[Hostile]) -> bytes:
    """The form as a hostile browser writes it: names and types are its own."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, values in fields.items()
        for value in values
    ]
    parts += [
        f'Content-Disposition: form-data; name="files"; filename="{one.name}"\r\n'
        f"Content-Type: {one.declared}\r\n\r\n".encode()
        + one.data
        for one in uploads
    ]
    whole = b"".join(b"--" + EDGE.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return whole + f"--{EDGE}--\r\n".encode()


@dataclass
class Counter:
    """A citizen before the page of a paper, and what became of what was handed in."""

    app: Flask
    citizen: Reader

    def hand_in(self, uploads: list[Hostile]) -> Any:
        """Send all of these at once."""
        draft = start_online(self.citizen)
        page = self.citizen.page
        links = [part.split('"')[0] for part in page.split('href="')[1:]]
        address = next(link for link in links if link.startswith(f"{draft}/giay-to/"))
        form = self.citizen.open(address).form("files")
        values = {name: given for name, given in form.values.items() if name != "files"}
        return self.citizen.client.post(
            form.action or self.citizen.url,
            data=body_of(values, uploads),
            content_type=f"multipart/form-data; boundary={EDGE}",
            headers=FROM_HERE,
            follow_redirects=True,
        )

    def read(self) -> None:
        """Let the worker read all that waits."""
        with self.app.app_context():
            worker = Worker(self.app, slots=1)
            while worker.work_once():
                pass

    def taken(self) -> list[DocumentFile]:
        """The files that came in, with their pages."""
        with self.app.app_context():
            rows = list(db.session.query(DocumentFile).order_by(DocumentFile.id))
            for row in rows:
                _ = row.pages
            return rows


@pytest.fixture
def counter(app: Flask, country: Country) -> Counter:
    return Counter(app, country.citizen())


@pytest.fixture
def signed(tmp_path: Path) -> Hostile:
    return Hostile("ký.pdf", sign(files.saved(files.pdf()), make_signer(tmp_path), "ky1"), True)


def is_only_saved(answer: Any, data: bytes) -> None:
    """The very bytes, and no browser shows them: whatever it thinks they are."""
    assert answer.status_code == 200
    assert answer.data == data
    is_guarded(answer)
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9._ -]*\"; filename\*=UTF-8''[A-Za-z0-9._~%-]*",
        disposition,
    ), disposition
    assert answer.mimetype in OURS


def is_guarded(answer: Any) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert answer.headers["Cache-Control"] == "no-store"


def names_in(value: Any, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Every key and name of an object and of what it holds."""
    if isinstance(value, pikepdf.Name):
        yield str(value)
    if not isinstance(value, pikepdf.Object) or value.objgen in seen:
        return
    if value.is_indirect:
        seen.add(value.objgen)
    inner: list[Any] = list(value) if isinstance(value, pikepdf.Array) else []
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        yield from value.keys()
        inner = [held for _, held in value.items()]
    for held in inner:
        yield from names_in(held, seen)


def is_only_a_picture(data: bytes) -> None:
    """A PDF of ours: nothing in it does anything, and it tells nothing of camera or place."""
    with pikepdf.open(io.BytesIO(data)) as made:
        seen: set[tuple[int, int]] = set()
        names = {name for held in made.objects for name in names_in(held, seen)}
        assert len(seen) >= 5
        assert not names & ACTIVE
        streams = [held for held in made.objects if isinstance(held, pikepdf.Stream)]
        raw = b"".join(held.read_raw_bytes() for held in streams)
        read = raw + b"".join(_unpacked(held) for held in streams)
    for word in (OWNER, GPS, "<script", "Exif\0\0"):
        assert word.encode() not in read, word


def _unpacked(stream: pikepdf.Stream) -> bytes:
    return b"" if stream.get("/Filter") == "/DCTDecode" else stream.read_bytes()


def is_a_bare_picture(answer: Any) -> None:
    assert answer.status_code == 200
    is_guarded(answer)
    assert answer.mimetype == "image/webp"
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.format == "WEBP"
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
    assert OWNER.encode() not in answer.data


def everything_of(counter: Counter, row: DocumentFile, data: bytes) -> None:
    """Each door of a file that was taken and read."""
    at = f"/giay-to/tep/{row.public_id}"
    is_only_saved(counter.citizen.client.get(f"{at}/goc"), data)
    state = counter.citizen.client.get(at, headers={"HX-Request": "true"})
    assert "<html" not in state.text
    for live in ("<script", "<img src=x", "<svg", "onload="):
        assert live not in state.text
    if row.state is not FileState.READ:
        assert "Tệp “" in state.text or "Hãy bỏ tệp này" in state.text
        return
    copy = counter.citizen.client.get(f"{at}/ban-doc.pdf")
    is_guarded(copy)
    assert copy.mimetype == "application/pdf"
    assert copy.headers["Content-Disposition"].startswith("attachment; ")
    is_only_a_picture(copy.data)
    with counter.app.app_context():
        assert row.archive_key
        assert row.archive_sha256
        is_only_a_picture(open_object(row.archive_key, row.archive_sha256))
    for page in row.pages:
        is_a_bare_picture(counter.citizen.client.get(f"/giay-to/trang/{page.public_id}"))
        is_a_bare_picture(counter.citizen.client.get(f"/giay-to/trang/{page.public_id}/nho"))
        words = counter.citizen.client.get(f"/giay-to/trang/{page.public_id}/chu?q=script")
        is_guarded(words)
        assert words.mimetype == "application/json"


def goes_through(counter: Counter, uploads: list[Hostile]) -> None:
    """What may come in is read and served as it must be; the rest is named in a sentence."""
    answers = [
        counter.hand_in(uploads[first : first + MOST_FILES])
        for first in range(0, len(uploads), MOST_FILES)
    ]
    assert {answer.status_code for answer in answers} <= {200, 422}
    counter.read()
    rows, wanted = counter.taken(), [one for one in uploads if one.is_taken]
    told = "".join(answer.text for answer in answers)
    for one in uploads:
        if not one.is_taken:
            assert f"Tệp “{one.name}”" in told, one.name
    assert [row.name for row in rows] == [one.name for one in wanted]
    for row, one in zip(rows, wanted, strict=True):
        everything_of(counter, row, one.data)


@pytest.mark.tools
def test_active_content_comes_in_as_a_picture_and_goes_out_as_it_came(
    counter: Counter, signed: Hostile
) -> None:
    quick = {"duoi-trang.jpg", "noi-chup.jpg", "an.pdf", "trang.jpg"}
    chosen = [one for one in (*TAKEN, *REFUSED) if one.name in quick]
    assert len(chosen) == len(quick)
    goes_through(counter, [*chosen, signed])


@pytest.mark.proof
@pytest.mark.tools
def test_the_whole_corpus_is_refused_or_only_ever_a_picture(
    counter: Counter, signed: Hostile
) -> None:
    corpus = [*TAKEN, signed, *REFUSED]
    assert len(corpus) >= 40
    goes_through(counter, corpus)
    by_name = {row.name: row for row in counter.taken()}
    assert "active_content_removed" in by_name["mo-ra.pdf"].warnings
    assert "attachment_ignored" in by_name["kem.pdf"].warnings
    assert "signed" in by_name["ký.pdf"].warnings


@pytest.mark.proof
def test_a_virus_is_refused_however_it_is_wrapped(counter: Counter) -> None:
    daemon = Clamd()
    before = counter.app.config["SETTINGS"]
    counter.app.config["SETTINGS"] = replace(before, clamd_url=daemon.url)
    try:
        answer = counter.hand_in(
            [
                Hostile("sach.jpg", photo(), True),
                Hostile("vi-rut.jpg", photo() + EICAR, False),
                Hostile("vi-rut.pdf", files.saved(files.pdf()) + EICAR, False),
            ]
        )
        assert answer.text.count("có vi-rút nên không được nhận") >= 2
        assert [row.name for row in counter.taken()] == ["sach.jpg"]
    finally:
        counter.app.config["SETTINGS"] = before
        daemon.remove()


@pytest.mark.parametrize("names", [NAMES[::3], pytest.param(NAMES, marks=pytest.mark.proof)])
def test_no_name_of_a_file_is_a_path_a_header_or_a_page(
    counter: Counter, names: tuple[str, ...]
) -> None:
    answer = counter.hand_in([Hostile(name, photo(), True) for name in names])
    assert answer.status_code == 200
    rows = counter.taken()
    assert len(rows) == len(names)
    for row in rows:
        assert row.name
        assert len(row.name) <= LONGEST_NAME
        assert row.name == unicodedata.normalize("NFC", row.name)
        assert row.name.isprintable()
        assert not {"/", "\\", "\u202e", "\r", "\n", "\0"} & set(row.name)
        with counter.app.app_context():
            assert re.fullmatch(r"[0-9a-f/]+", row.original_key)
        found = counter.citizen.client.get(f"/giay-to/tep/{row.public_id}/goc")
        is_only_saved(found, photo())
        assert "Set-Cookie" not in found.headers
        page = counter.citizen.client.get(
            f"/giay-to/tep/{row.public_id}", headers={"HX-Request": "true"}
        ).text
        assert "<img src=x" not in page
        assert "{{7*7}}$" in page or "49" not in page


@pytest.mark.parametrize("name", ["a\0b.jpg", "a\r\nX-Evil: 1\r\n\r\nb.jpg", 'a".jpg'])
def test_a_name_that_breaks_its_own_line_breaks_nothing_else(counter: Counter, name: str) -> None:
    answer = counter.hand_in([Hostile(name, exif_photo(), True)])
    assert answer.status_code in (200, 400, 422)
    assert "X-Evil" not in answer.headers
    for row in counter.taken():
        assert row.name.isprintable()
        is_only_saved(counter.citizen.client.get(f"/giay-to/tep/{row.public_id}/goc"), exif_photo())

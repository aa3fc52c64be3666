"""The shipped catalogue over a small country: two provinces, the demo offices, real procedures."""

import io
from datetime import date, datetime
from pathlib import Path

from flask import Flask
from PIL import Image

from portal import clock
from portal.access import Role
from portal.calendar.importer import load_calendar
from portal.catalogue.importer import load_procedures, load_tariffs
from portal.db import transaction
from portal.directory.importer import load_organisations
from portal.directory.models import AdministrativeUnit
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.rig.reader import Reader
from tests.rig.sign_in import SignIn
from vietnam.folding import fold

DATA = Path(__file__).resolve().parents[2] / "data"
UNITS = (
    ("56", "Tỉnh Khánh Hòa", "province", None),
    ("22366", "Phường Nha Trang", "ward", "56"),
    ("22651", "Xã Diên Khánh", "commune", "56"),
    ("01", "Thành phố Hà Nội", "province", None),
    ("00004", "Phường Ba Đình", "ward", "01"),
)
SUNDAY = datetime(2026, 11, 22, 9, 0, tzinfo=clock.ZONE)
REQUESTER = {
    "requester_name": "Nguyễn Thị Mẫu",
    "requester_birth": "02/09/1985",
    "requester_citizen_number": "056185000123",
    "requester_phone": "0900 000 123",
    "requester_email": "mau@vidu.test",
    "requester_commune_province": "56",
    "requester_commune": "22366",
    "requester_address": "Số 1, đường Mẫu",
}


class Country:
    """Where citizens of tests live, and how they come to a page."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app, self.sign_in = app, sign_in
        with app.app_context(), transaction() as session:
            for code, name, kind, parent in UNITS:
                unit = AdministrativeUnit(
                    code=code,
                    name=name,
                    kind=kind,
                    parent_code=parent,
                    folded=fold(name),
                    valid_from=date(2025, 7, 1),
                )
                session.add(unit)
            load_calendar(session, DATA / "calendar.json")
            load_tariffs(session, DATA / "tariffs.json")
            load_procedures(session, DATA / "procedures.json")
            load_organisations(session, DATA / "organisations.json")

    def visitor(self) -> Reader:
        """Someone who has not signed in."""
        return Reader(self.app.test_client())

    def citizen(self, name: str = "Nguyễn Thị Mẫu") -> Reader:
        """A citizen who has signed in."""
        return Reader(self.sign_in(Role.CITIZEN, name=name))

    def dossiers(self) -> list[Dossier]:
        """All dossiers as the database has them now."""
        with self.app.app_context():
            return list(db.session.query(Dossier).order_by(Dossier.id))


def picture(words: str = "GIẤY TỜ", size: tuple[int, int] = (620, 877)) -> bytes:
    """A small photograph of a paper."""
    held = io.BytesIO()
    image = Image.new("RGB", size, "white")
    image.save(held, "JPEG", comment=words)
    return held.getvalue()


def file(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    """A file as the client sends it."""
    return io.BytesIO(data), name


def start_online(reader: Reader, code: str = "2.000635") -> str:
    """Open a draft; returns its address."""
    reader.open(f"/cua-toi/nop/{code}").send("/cua-toi/nop/")
    return reader.url


def fill_extract(reader: Reader, draft: str) -> None:
    """Answer every page of 2.000635 as somebody who wants his own birth extract at home."""
    reader.open(f"{draft}/khai/requester").send("requester_name", action="save", **REQUESTER)
    reader.send("for_whom", action="save", for_whom="self")
    reader.send("record_kind", action="save", record_kind="birth", record_place="Nha Trang")
    reader.send("copies", action="save", copies="2")
    reader.send("return_mode", action="save", return_mode="desk")


def hand_in(reader: Reader, draft: str, number: int = 1, **files: object) -> Reader:
    """Send files for the paper that stands at this place of the task list."""
    page = reader.open(draft).page
    links = [part.split('"')[0] for part in page.split('href="')[1:] if "/giay-to/" in part[:200]]
    papers = [link for link in links if link.startswith(draft)]
    return reader.open(papers[number - 1]).send("files", **files)


def send_extract(country: Country, reader: Reader) -> Dossier:
    """The whole road to a sent dossier of 2.000635."""
    draft = start_online(reader)
    fill_extract(reader, draft)
    hand_in(reader, draft, files=[file(picture(), "the.jpg")])
    reader.open(f"{draft}/kiem-tra").send("/gui", action="send")
    return country.dossiers()[-1]


def book_pickup(country: Country, reader: Reader, code: str = "1.004873") -> Dossier:
    """The whole road to a booked courier, on the first half-day that is offered."""
    reader.open(f"/cua-toi/hen-buu-ta/{code}").send("/cua-toi/hen-buu-ta/")
    who = {name: REQUESTER[name] for name in ("requester_name", "requester_phone")}
    reader.send("requester_name", action="save", **who)
    where = {name: text for name, text in REQUESTER.items() if "commune" in name}
    reader.send("requester_address", action="save", requester_address="Số 1, đường Mẫu", **where)
    slot = reader.page.split('name="pickup_slot" type="radio" value="')[1].split('"')[0]
    reader.send("pickup_slot", action="save", pickup_slot=slot)
    reader.send("return_mode", action="save", return_mode="desk")
    reader.send("/gui")
    return country.dossiers()[-1]

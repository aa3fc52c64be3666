"""Words planted through real forms are looked for wherever they must not be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyotp
import pytest
import segno
from flask import Flask

from portal import clock, outbox
from portal.access import Role
from portal.accounts import services as accounts
from portal.accounts import sessions
from portal.app import create_app
from portal.audit.tasks import seal_waiting
from portal.db import transaction
from portal.directory.models import Organisation, OrganisationKind
from portal.documents.models import DocumentFile, DocumentPage
from portal.documents.store import store
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.worker import Worker
from tests.factories.country import (
    REQUESTER,
    Country,
    book_pickup,
    file,
    fill_extract,
    hand_in,
    start_online,
)
from tests.hostile import searching
from tests.hostile.searching import Recorder
from tests.portal.copying.conftest import run
from tests.rig.clocks import TurnedClock
from tests.rig.postgres import PostgresServer
from tests.rig.reader import Reader
from tests.rig.sign_in import PASSWORD
from tests.scanning import files as papers

ENROL = "/dang-nhap/ma-xac-thuc"

# Nowhere at all, besides where they were typed: not in rows, files, names, logs, addresses, mails.
PASSWORDS = {
    "password": "Chim-hót-sớm-mai-74ZQ",
    "wrong password": "sai-mat-khau-canary-55ZQ",
    "password typed as mail": "mat-khau-nham-o-91ZQ@x.test",
    "password the administrator gave": "quan-tri-dat-cho-18ZQ",
    "wrong code": "Y7ZQX2",
}
# Sealed where they are kept: never to be read from a copy of the database.
NUMBERS = {
    "applicant's number": "056185004711",
    "number searched for": "056185004712",
    "walk-in's number": "056185004713",
    "number on the walk-in's card": "056185004714",
    "number in a kept form": "056185004715",
    "number typed for a code": "056185004716",
    "applicant's phone": "0904711001",
    "walk-in's phone": "0904711002",
    "phone searched for": "0904711003",
    "phone in a kept form": "0904711004",
    "courier's phone": "0904711005",
    "phone typed for a code": "0904711006",
}
# Of a person; in rows as far as the work needs them, never in logs, names or addresses.
WORDS = {
    "applicant": "Nguyễn Canary Mẫu",
    "walk-in": "Trần Canary Vãng",
    "mail": "canary-mau@vidu.test",
    "walk-in's mail": "canary-vang@vidu.test",
    "address": "Số 4711, ngõ Hoàng Yến",
    "walk-in's address": "Số 4712, ngõ Hoàng Yến",
    "kept form": "Ghi chú canary 4713",
    "reason": "Lý do canary 4714: chuyển khoản VCB 0071004711",
    "file": "tep-canary-4715",
    "words on the page": "Giấy canary bốn nghìn",
}
ON_PAPER = {"number on the page": "056185004721", "number in a code on the page": "056185004722"}


@dataclass
class Run:
    """One day at the portal, and what came to light of it."""

    app: Flask
    secrets: dict[str, str] = field(default_factory=dict)
    browsers: list[Recorder] = field(default_factory=list)

    def browser(self, app: Flask | None = None) -> Reader:
        self.browsers.append(Recorder((app or self.app).test_client()))
        return Reader(self.browsers[-1])

    def known(self, role: Role, place: Organisation | None = None) -> Reader:
        """Somebody of the staff whose browser is signed in."""
        reader = self.browser()
        with self.app.app_context(), transaction() as session:
            at = session.merge(place) if place else None
            user = accounts.create(f"{role.value}@test.invalid", "Cán Bộ Thử", PASSWORD, role, at)
            membership = accounts.first_membership(user)
            assert membership
            token = sessions.open_session(user, membership)
            cookie = sessions.cookie_name()
        self.secrets[f"session of the {role.value}"] = token
        self.browsers[-1].client.set_cookie(cookie, token)
        return reader


def requester(**changes: str) -> dict[str, str]:
    return REQUESTER | {
        "requester_name": WORDS["applicant"],
        "requester_citizen_number": NUMBERS["applicant's number"],
        "requester_phone": NUMBERS["applicant's phone"],
        "requester_email": WORDS["mail"],
        "requester_address": WORDS["address"],
        **changes,
    }


def paper() -> bytes:
    """A page with words, a number and a card's code on it."""
    code = f"{ON_PAPER['number in a code on the page']}||{WORDS['applicant']}|01011985|Nam|"
    picture = segno.make(code).png_data_uri(scale=6)
    number = f"<p>Số định danh cá nhân: {ON_PAPER['number on the page']}</p>"
    return papers.born_digital(
        f"<h1>{WORDS['words on the page']}</h1>{number}<p>Ngày 01 tháng 02 năm 2026 tại xã Mẫu"
        f" Sơn, tỉnh Mẫu, người yêu cầu đã ký tên dưới đây.</p><img src='{picture}'>"
    )


def signs_in(day: Run) -> Reader:
    """The citizen, after three mistakes."""
    with day.app.app_context(), transaction():
        accounts.create(
            "canary-dan@test.invalid", WORDS["applicant"], PASSWORDS["password"], Role.CITIZEN, None
        )
    citizen = day.browser().open("/dang-nhap")
    wrong = {"email": "canary-dan@test.invalid", "password": PASSWORDS["wrong password"]}
    citizen.send("email", **wrong)
    citizen.send("email", email=PASSWORDS["password typed as mail"], password="x" * 12)
    citizen.send("email", email=wrong["email"], password=PASSWORDS["password"])
    assert citizen.url == "/cua-toi"
    with day.app.test_request_context():
        cookie = day.browsers[-1].client.get_cookie(sessions.cookie_name())
    assert cookie
    day.secrets["session of the citizen"] = cookie.value
    return citizen


def hands_in(day: Run, citizen: Reader) -> str:
    """A dossier with a file, sent; gives its code."""
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **requester())
    hand_in(citizen, draft, files=[file(paper(), f"{WORDS['file']}.pdf")])
    citizen.open(f"{draft}/kiem-tra").send("/gui", action="send")
    with day.app.app_context():
        dossier = db.session.query(Dossier).order_by(Dossier.id.desc()).first()
        assert dossier
        assert dossier.code
        assert dossier.lookup_key
        day.secrets["look-up key"] = dossier.lookup_key
        return dossier.code


def looks_up(day: Run, code: str) -> None:
    """A visitor with a number, a wrong key and the right one."""
    visitor = day.browser().open("/tra-cuu")
    visitor.send("key", code=NUMBERS["number typed for a code"], key=PASSWORDS["wrong code"])
    visitor.send("key", code=code, key=PASSWORDS["wrong code"])
    visitor.send("key", code=code, key=day.secrets["look-up key"])
    assert code in visitor.page


def works(day: Run, code: str) -> None:
    """An officer searches, opens, asks for more."""
    with day.app.app_context():
        dossier = db.session.query(Dossier).filter_by(code=code).one()
        place, subject = dossier.receiving_unit, dossier.public_id
        page = db.session.query(DocumentPage).first()
        assert page
        page_id, file_id = page.public_id, page.file.public_id
    officer = day.known(Role.ONESTOP_OFFICER, place)
    for typed in (
        *(NUMBERS[name] for name in ("applicant's number", "number searched for")),
        *(NUMBERS[name] for name in ("applicant's phone", "phone searched for")),
        ON_PAPER["number on the page"],
    ):
        officer.open("/can-bo/tim").send("q", q=typed)
    assert subject in officer.page, "the page is found by the number on it"
    officer.open(f"/can-bo/ho-so/{subject}").open(f"/giay-to/trang/{page_id}")
    officer.open(f"/giay-to/tep/{file_id}/goc").open(f"/giay-to/tep/{file_id}/ban-doc.pdf")
    officer.open(f"/can-bo/ho-so/{subject}/yeu-cau-bo-sung")
    officer.send("reason", others=WORDS["reason"], reason=WORDS["reason"])
    officer.open(f"/can-bo/ho-so/{subject}")


def stands_at_the_counter(day: Run) -> None:
    """A walk-in with a card, and a clerk who types numbers where codes belong."""
    with day.app.app_context():
        office = (
            db.session.query(Organisation)
            .filter_by(kind=OrganisationKind.POST_OFFICE, province_code="56")
            .first()
        )
    clerk = day.known(Role.POSTAL_CLERK, office)
    clerk.open("/buu-dien/ho-so-moi")
    number = NUMBERS["number on the walk-in's card"]
    clerk.send("card", card=f"{number}||{WORDS['walk-in']}|01011985|Nam|Khánh Hòa|01012022")
    clerk.send(
        "card",
        card="",
        procedure="1.004873",
        applicant_name=WORDS["walk-in"],
        citizen_number=NUMBERS["walk-in's number"],
        phone=NUMBERS["walk-in's phone"],
        email=WORDS["walk-in's mail"],
        address=WORDS["walk-in's address"],
    )
    assert "/kiem-dem" in clerk.url
    for typed in ("phone typed for a code", "walk-in's number", "walk-in's phone"):
        clerk.open("/buu-dien").send("ma", ma=NUMBERS[typed])


def comes_too_late(day: Run, citizen: Reader, turned: TurnedClock) -> None:
    """A form with numbers in it that waits for its person."""
    draft = start_online(citizen)
    citizen.open(f"{draft}/khai/requester")
    turned.advance(minutes=31)
    typed = requester(
        requester_citizen_number=NUMBERS["number in a kept form"],
        requester_phone=NUMBERS["phone in a kept form"],
        requester_address=WORDS["kept form"],
    )
    citizen.send("requester_name", action="save", **typed)
    citizen.send("email", email="canary-dan@test.invalid", password=PASSWORDS["password"])
    assert WORDS["kept form"] in citizen.page


def proves_twice(day: Run, turned: TurnedClock) -> None:
    """An administrator gives a password; its owner enrols an authenticator."""
    with day.app.app_context(), transaction() as session:
        operator = Organisation(code="VH", name="Vận hành", kind=OrganisationKind.OPERATOR)
        session.add(operator)
        session.flush()
        place = operator.public_id
    admin = day.known(Role.ADMIN, operator)
    admin.open("/quan-tri/nguoi-dung/tao-moi")
    given = PASSWORDS["password the administrator gave"]
    new = {"email": "kiem@test.invalid", "name": "Kiểm Toán Thử", "role": Role.AUDITOR.value}
    new["organisation"] = place
    admin.send("password", **new, password=given)
    assert "tao-moi" not in admin.url, admin.page
    strict = create_app(replace(day.app.config["SETTINGS"], demo=False))
    person = day.browser(strict).open("/dang-nhap")
    person.send("email", email="kiem@test.invalid", password=given)
    secret = re.search(r"\b[A-Z2-7]{32}\b", person.page)
    assert secret, "the secret to take down stands on the page"
    day.secrets["secret of the second factor"] = secret[0]
    code = pyotp.TOTP(secret[0]).at(int(turned.moment.timestamp()))
    day.secrets["code of the second factor"] = code
    person.send("code", code=PASSWORDS["wrong code"])
    person.send("code", code=code)
    assert person.url != ENROL
    with strict.app_context():
        db.engine.dispose()


def everything_else(app: Flask) -> None:
    """The worker's work, until there is none."""
    with app.app_context():
        worker = Worker(app, slots=1)
        while worker.work_once():
            pass
        while outbox.send_one(app.config["SETTINGS"]):
            pass
        seal_waiting(clock.now())


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everything temporary goes meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def a_day(day: Run, country: Country, turned: TurnedClock) -> None:
    """All of them, one after another."""
    citizen = signs_in(day)
    code = hands_in(day, citizen)
    book_pickup(country, citizen)
    everything_else(day.app)
    looks_up(day, code)
    works(day, code)
    stands_at_the_counter(day)
    comes_too_late(day, citizen, turned)
    proves_twice(day, turned)
    everything_else(day.app)


@pytest.mark.tools
@pytest.mark.parametrize(
    "database_kind",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.proof)],
    indirect=True,
)
def test_planted_words_are_found_only_where_they_belong(
    app: Flask,
    country: Country,
    turned_clock: TurnedClock,
    own_folder: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    day, shipped = Run(app), {held for _, held in searching.rows(app)}
    with searching.logged() as log:
        a_day(day, country, turned_clock)
        assert run(app, "backup", str(tmp_path / "copy"))[0] == 0
    secrets = PASSWORDS | day.secrets
    nowhere_in_passing(day, log.getvalue(), own_folder, secrets | NUMBERS | WORDS | ON_PAPER)
    rows = [(place, held) for place, held in searching.rows(app) if held not in shipped]
    copied = [*rows, *searching.files(tmp_path / "copy"), *raw(request, app)]
    for name, word in (secrets | NUMBERS).items():
        # Six signs are found somewhere by chance; what a person did is in rows of his.
        places = copied if len(word) > 8 else rows
        for said in spellings(word):
            assert searching.where(said, iter(places)) == set(), name
    papers_say_it_once(app, copied)
    mails_say_no_more(app, secrets)


def nowhere_in_passing(day: Run, log: str, temporary: Path, planted: dict[str, str]) -> None:
    """Neither logs nor names nor addresses nor what was laid aside for a moment."""
    assert len(planted) >= 30
    with day.app.app_context():
        names = "\n".join(store().keys())
    addresses = "\n".join(one for browser in day.browsers for one in browser.addresses)
    passing = {"the log": log, "the name of an object": names, "an address": addresses}
    passing |= dict(searching.files(temporary))
    for place, held in passing.items():
        for name, word in planted.items():
            assert not searching.finds(word, held), f"{name} in {place}"


def papers_say_it_once(app: Flask, copied: list[tuple[str, str]]) -> None:
    """A number on a page stands in its text; as a field, and in a code, it is sealed."""
    with app.app_context():
        file = db.session.query(DocumentFile).order_by(DocumentFile.id).first()
        assert file
        assert ON_PAPER["number on the page"] in str(file.fields)
        assert ON_PAPER["number in a code on the page"] in str(file.pages[0].codes)
    drawn = searching.where(ON_PAPER["number in a code on the page"], iter(copied))
    assert drawn == set(), "what a code says is no part of the page's words"
    read = searching.where(ON_PAPER["number on the page"], iter(copied))
    assert read
    assert {place for place in read if not searching.OF_PAPERS.search(place)} == set()


def spellings(word: str) -> list[str]:
    """A number as it is typed and as it is kept."""
    is_phone = word in NUMBERS.values() and len(word) == 10
    return [word, "+84" + word[1:], word[1:]] if is_phone else [word]


def raw(request: pytest.FixtureRequest, app: Flask) -> list[tuple[str, str]]:
    """The database as who steals its file or a dump would read it."""
    url = app.config["SETTINGS"].database_url
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return [
            (f"raw {one.name}", one.read_bytes().decode("latin-1"))
            for one in path.parent.glob("portal.db*")
        ]
    server: PostgresServer = request.getfixturevalue("postgres")
    return [("raw dump", server.dump("portal"))]


def mails_say_no_more(app: Flask, secrets: dict[str, str]) -> None:
    """A mail has its address, a code and news."""
    folder = Path(app.config["SETTINGS"].mail_url.removeprefix("file://"))
    told = [mail.read_text() for mail in folder.glob("*.eml")]
    assert told
    without = [WORDS[name] for name in ("applicant", "walk-in", "address", "reason", "file")]
    for word in (*secrets.values(), *NUMBERS.values(), *without):
        assert not any(searching.finds(word, mail) for mail in told), word

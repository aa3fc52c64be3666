"""Whoever has his data erased is found nowhere, also after an older copy was brought back."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from portal import clock, outbox, upkeep
from portal.access import Role
from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.audit.tasks import seal_waiting
from portal.db import transaction
from portal.documents.models import DocumentFile, ParkedFile
from portal.documents.store import store
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.models.sealed import SealedDossier
from portal.extensions import db
from portal.outbox import OutboxMessage
from portal.postal.models import Pickup
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
from tests.hostile.test_secrets import Run, raw
from tests.portal.copying.conftest import Elsewhere, elsewhere, run
from tests.rig.clocks import TurnedClock
from tests.rig.reader import Reader
from tests.scanning import files as papers

__all__ = ["elsewhere"]

PASSWORD = "Vượn-hót-chiều-hôm-58XK"
CANARIES = {
    "mail": "canary-xoa-8801@test.invalid",
    "name": "Nguyễn Hoàng Yến Xoá",
    "name of the applicant": "Phạm Hoạ Mi Xoá",
    "name as it is searched for": "pham hoa mi xoa",
    "number": "056185008801",
    "applicant's number": "056185008802",
    "phone": "0904880101",
    "applicant's phone": "0904880102",
    "applicant's mail": "canary-nop-8802@vidu.test",
    "address": "Số 8801, ngõ Chích Choè",
    "applicant's address": "Số 8802, ngõ Chào Mào",
    "address for the courier": "Số 8803, ngõ Vành Khuyên",
    "words of a draft": "Nơi sinh Sơn Ca 8804",
    "file of a draft": "tep-nhap-8805",
    "words in a file of a draft": "hoamicanhnhap",
    "file": "tep-gui-8806",
    "words in a file": "chichchoecanhgui",
    "kept file": "tep-cho-8807",
    "kept form": "Ghi chú Khướu 8808",
    "reason": "Lý do Cu Gáy 8809",
}

# Nobody reads these from a stolen database, erased or not.
ENCRYPTED = {
    "number",
    "applicant's number",
    "phone",
    "applicant's phone",
    "words of a draft",
    "kept form",
}


@dataclass
class Person:
    """Somebody whose every word is known."""

    day: Run
    country: Country
    browser: Reader
    originals: set[str] = field(default_factory=set)


def paper(words: str) -> bytes:
    return papers.born_digital(f"<h1>{words}</h1><p>Một trang có chữ, để được đọc và tìm.</p>")


def comes(day: Run, country: Country) -> Person:
    """A citizen with everything an account can know."""
    with day.app.app_context(), transaction():
        user = accounts.create(CANARIES["mail"], CANARIES["name"], PASSWORD, Role.CITIZEN, None)
        user.citizen_number, user.phone = CANARIES["number"], "+84904880101"
        user.address, user.commune_code = CANARIES["address"], "22366"
    person = Person(day, country, day.browser())
    signs_in(person)
    return person


def signs_in(person: Person) -> None:
    person.browser.open("/dang-nhap").send("email", email=CANARIES["mail"], password=PASSWORD)
    assert person.browser.url.startswith("/cua-toi"), person.browser.page


def answered() -> dict[str, str]:
    return REQUESTER | {
        "requester_name": CANARIES["name of the applicant"],
        "requester_citizen_number": CANARIES["applicant's number"],
        "requester_phone": CANARIES["applicant's phone"],
        "requester_email": CANARIES["applicant's mail"],
        "requester_address": CANARIES["applicant's address"],
    }


def writes_a_draft(person: Person, name: str, words: str) -> str:
    """Everything filled in, and a file."""
    citizen = person.browser
    draft = start_online(citizen)
    fill_extract(citizen, draft)
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **answered())
    citizen.open(f"{draft}/khai/record").send(
        "record_kind", action="save", record_kind="birth", record_place=CANARIES["words of a draft"]
    )
    hand_in(citizen, draft, files=[file(paper(words), f"{name}.pdf")])
    return draft


def sends_and_withdraws(person: Person) -> None:
    """One dossier online and one by courier, both taken back."""
    citizen = person.browser
    draft = writes_a_draft(person, CANARIES["file"], CANARIES["words in a file"])
    citizen.open(f"{draft}/kiem-tra").send("/gui", action="send")
    booked = book_pickup(person.country, citizen)
    with person.day.app.app_context(), transaction() as session:
        rows = session.query(Dossier).filter(Dossier.code.is_not(None)).all()
        names = [row.public_id for row in rows]
        session.get_one(Dossier, booked.id).email = CANARIES["applicant's mail"]
        session.query(Pickup).one().address = CANARIES["address for the courier"]
    works(person)
    for name in names:
        citizen.open(f"/cua-toi/ho-so/{name}/rut").send("reason", reason=CANARIES["reason"])
        assert "Hồ sơ đã được rút" in citizen.page
    with person.day.app.app_context():
        person.originals = {row.original_key for row in db.session.query(DocumentFile)}


def leaves_a_form(person: Person, turned: TurnedClock) -> None:
    """A form with a file that came too late, and one with words."""
    citizen = person.browser
    draft = writes_a_draft(
        person, CANARIES["file of a draft"], CANARIES["words in a file of a draft"]
    )
    page = citizen.open(draft).page
    link = next(part.split('"')[0] for part in page.split('href="') if "/giay-to/" in part[:99])
    citizen.open(link)
    turned.advance(minutes=31)
    late = file(paper(CANARIES["kept form"]), f"{CANARIES['kept file']}.pdf")
    citizen.send("files", files=[late])
    signs_in(person)
    citizen.open(f"{draft}/khai/requester")
    turned.advance(minutes=31)
    citizen.send("requester_name", action="save", **answered(), note=CANARIES["kept form"])
    with person.day.app.app_context():
        assert db.session.query(ParkedFile).count() == 1
    signs_in(person)


def works(person: Person) -> None:
    """The worker's work and the messages, until there is none."""
    with person.day.app.app_context():
        worker = Worker(person.day.app, slots=1)
        while worker.work_once():
            pass
        while outbox.send_one(person.day.app.config["SETTINGS"]):
            pass
        seal_waiting(clock.now())


def everywhere(app: Flask, request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """Rows, the database as it lies there, and the names of objects."""
    with app.app_context():
        names = [("name of an object", key) for key in set(store().keys())]
    return [*searching.rows(app), *raw(request, app), *names]


def found(places: list[tuple[str, str]]) -> dict[str, set[str]]:
    """What of a person stands where, in any of its spellings."""
    wrong: dict[str, set[str]] = {}
    for name, word in CANARIES.items():
        is_phone = len(word) == 10 and word.isdigit()
        spelled = {word, word.lower(), json.dumps(word)[1:-1]} | ({word[1:]} if is_phone else set())
        wrong[name] = set().union(*(searching.where(one, iter(places)) for one in spelled))
    return {name: where for name, where in wrong.items() if where}


def keys(app: Flask) -> set[str]:
    with app.app_context():
        return set(store().keys())


def erased(person: Person) -> None:
    """Asks for it as people do, and the worker does the rest."""
    citizen = person.browser.open("/cua-toi").open("/cua-toi/xoa-du-lieu")
    assert "2 hồ sơ đã kết thúc sẽ được niêm phong" in citizen.page
    citizen.send("password", password=PASSWORD, is_sure="y")
    assert citizen.url == "/da-xoa-du-lieu", citizen.page
    works(person)
    with person.day.app.app_context():
        upkeep.sweep(clock.now())


@pytest.mark.tools
@pytest.mark.parametrize(
    "database_kind",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.proof)],
    indirect=True,
)
def test_an_erased_person_is_found_nowhere_also_in_an_older_copy(
    app: Flask,
    country: Country,
    turned_clock: TurnedClock,
    elsewhere: Elsewhere,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    copies = tmp_path / "copies"
    person = comes(Run(app), country)
    sends_and_withdraws(person)
    leaves_a_form(person, turned_clock)
    works(person)
    assert run(app, "backup", str(copies / "old"))[0] == 0
    before = found(everywhere(app, request))
    assert before.keys() == CANARIES.keys() - ENCRYPTED, "or it is no wonder that none is found"
    with searching.logged() as log:
        erased(person)
        told = log.getvalue()
    assert found([*everywhere(app, request), ("the log", told)]) == {}
    assert keys(app) == person.originals
    assert run(app, "backup", str(copies / "new"))[0] == 0
    assert found(list(searching.files(copies / "new"))) == {}
    is_closed(app, person)
    by_list = elsewhere(ERASE_LIST=app.config["SETTINGS"].erase_list)
    shutil.copytree(copies / "old", tmp_path / "alone" / "old")
    by_neighbour = elsewhere()
    for site, copy in ((by_list, tmp_path / "alone" / "old"), (by_neighbour, copies / "old")):
        assert run(site, "restore", str(copy))[0] == 0
        places = [*searching.rows(site), *of_file(site)]
        assert found(places) == {}
        assert keys(site) == person.originals
        is_closed(site, person)


def of_file(app: Flask) -> Iterator[tuple[str, str]]:
    """The raw file of a restored site; of PostgreSQL its rows are all there is to steal."""
    url = app.config["SETTINGS"].database_url
    path = Path(url.removeprefix("sqlite:///"))
    for one in path.parent.glob("portal.db*") if url.startswith("sqlite") else ():
        yield f"raw {one.name}", one.read_bytes().decode("latin-1")


def is_closed(app: Flask, person: Person) -> None:
    """Nobody signs in with it; what an agency keeps is sealed, and opens for the archive alone."""
    visitor = Reader(app.test_client()).open("/dang-nhap")
    visitor.send("email", email=CANARIES["mail"], password=PASSWORD)
    assert "chưa đúng" in visitor.page
    with app.app_context():
        (user,) = db.session.query(User).filter(User.erased_at.is_not(None))
        assert (user.name, user.is_active, user.citizen_number_index) == ("", False, None)
        sealed = db.session.query(SealedDossier).all()
        assert len(sealed) == 2
        words = [json.loads(one.content or "{}") for one in sealed]
        assert any(CANARIES["reason"] in json.dumps(one, ensure_ascii=False) for one in words)
        assert db.session.query(OutboxMessage).count() == 0

"""Every page behind the citizen's door is sound for everyone, errors and all."""

from collections.abc import Callable

import pytest

from portal import clock
from portal.access import Role
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers import services
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.country import (
    REQUESTER,
    Country,
    book_pickup,
    file,
    fill_extract,
    hand_in,
    picture,
    start_online,
)
from tests.factories.world import World
from tests.rig.reader import Reader

Check = Callable[[str], None]


@pytest.fixture
def look(axe_of_html: Callable[..., None]) -> Callable[[Reader], None]:
    """Check the page before the reader."""
    return lambda reader: axe_of_html(reader.page)


def test_pages_of_filing(country: Country, look: Callable[[Reader], None]) -> None:
    citizen = country.citizen()
    look(citizen.open("/cua-toi/nop/2.000635"))
    draft = start_online(citizen)
    look(citizen)
    empty = dict.fromkeys(REQUESTER, "")
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **empty)
    look(citizen)
    look(citizen.open(f"{draft}/khai/subject"))
    look(citizen.open(f"{draft}/khai/return"))
    look(hand_in(citizen, draft, files=[file(picture(), "the.jpg"), file(b"", "rong.pdf")]))
    look(citizen.open(f"{draft}/kiem-tra"))
    fill_extract(citizen, draft)
    look(citizen.open(f"{draft}/kiem-tra"))
    look(citizen.send("/gui"))


def test_pages_of_a_dossier(country: Country, look: Callable[[Reader], None]) -> None:
    citizen = country.citizen()
    dossier = book_pickup(country, citizen)
    look(citizen)
    look(citizen.open(f"/cua-toi/thu-gom/{dossier.public_id}"))
    look(citizen.open("/cua-toi"))
    with country.app.test_request_context():
        unit = db.session.query(Organisation).filter_by(code="H32.10").one()
        officer = World(unit.id, 0, 0, 0, 0, 0, 0).actor(Role.ONESTOP_OFFICER)
        with transaction() as session:
            row = session.get_one(Dossier, dossier.id)
            items = [{"component": None, "text": "Ảnh rõ hơn"}]
            services.ask_supplement(row, items, "Mờ", by=officer, at=clock.now())
    home = f"/cua-toi/ho-so/{dossier.public_id}"
    look(citizen.open(home))
    look(citizen.open(f"{home}/bo-sung").send("files-0", action="send"))
    look(citizen.open(f"{home}/rut").send("reason", reason=""))


def test_pages_of_a_booking(country: Country, look: Callable[[Reader], None]) -> None:
    citizen = country.citizen()
    look(citizen.open("/cua-toi/hen-buu-ta/1.004873"))
    look(citizen.send("/cua-toi/hen-buu-ta/"))
    base = citizen.url.rsplit("/khai", 1)[0]
    for page in ("where", "slot", "return"):
        look(citizen.open(f"{base}/khai/{page}"))
    look(citizen.open(f"{base}/kiem-tra"))

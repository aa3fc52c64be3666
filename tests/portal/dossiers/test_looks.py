"""A citizen sees who has looked at his dossier: every look, none that was not, at once."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal.access import Role
from portal.audit.acts import LABELS
from portal.audit.services import Deferral, record
from portal.db import transaction
from portal.dossiers.lifecycle import Status
from portal.dossiers.looks import IN_HISTORY, PASSED_ON
from tests.factories.office import Office
from tests.factories.steps import token_of
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.queries import max_queries

ROW = re.compile(
    r'<tr class="govuk-table__row">\s*<td class="govuk-table__cell" data-label="Lúc">(.*?)</tr>',
    re.DOTALL,
)
CELL = re.compile(r'data-label="(?:Ai|Đã làm gì)">(.*?)</td>', re.DOTALL)
OLDER = re.compile(r'href="([^"]*truoc=[^"]*)"')
NEVER_OF_A_DOSSIER = (
    "account:",
    "audit:",
    "organisation:",
    "message:",
    "backup:",
    "form:",
    "station:",
)
SAID = {
    Role.ONESTOP_OFFICER: "Công chức một cửa",
    Role.OFFICER: "Cán bộ thụ lý",
    Role.LEADER: "Lãnh đạo",
    Role.RECORDS_CLERK: "Văn thư",
}
LOOKS = {
    "dossier:open",
    "dossier:open_sealed",
    "dossier:list",
    "dossier:look_up",
    "file:glance",
    "file:open",
    "file:open_original",
    "page:open",
    "postal:see_phone",
    "postal:find_person",
    "postal:look_unclaimed",
    "postal:claim_refused",
    "postal:claim_stopped",
}


@pytest.fixture
def public_id(office: Office) -> str:
    return office.dossier(Status.PROCESSING)


def address(public_id: str) -> str:
    return f"/cua-toi/ho-so/{public_id}/ai-da-xem"


def told(citizen: FlaskClient, path: str) -> Counter[tuple[str, str]]:
    """Who did what, from all pages of the list; without what is glanced at beside a page."""
    found: Counter[tuple[str, str]] = Counter()
    while path:
        with max_queries(12):
            answer = citizen.get(path)
        assert answer.status_code == 200
        for row in ROW.findall(answer.text):
            who, what = (re.split(r"<br>", cell)[0] for cell in CELL.findall(row))
            if "lướt" not in what:
                found[who, what] += 1
        older = OLDER.search(answer.text)
        path = older[1].replace("&amp;", "&") if older else ""
    return found


def look_up(office: Office, public_id: str) -> None:
    """A stranger who knows code and key."""
    visitor = office.app.test_client()
    with office.inside():
        dossier = office.load(public_id)
        form = {"code": dossier.code, "key": dossier.lookup_key}
    form["csrf_token"] = token_of(visitor)
    assert visitor.post("/tra-cuu", data=form, follow_redirects=True).status_code == 200


@on_both_databases
def test_thirty_looks_by_six_people_are_told_each_once(office: Office, public_id: str) -> None:
    page = office.page(public_id, "Tờ khai")
    file = re.search(
        r"/giay-to/tep/([\w-]+)/goc",
        office.client(Role.CITIZEN).get(f"/cua-toi/ho-so/{public_id}").text,
    )
    assert file
    citizen = office.client(Role.CITIZEN)
    before = told(citizen, address(public_id))
    done: Counter[tuple[str, str]] = Counter()
    ways = {
        "Mở hồ sơ": "{}/ho-so/" + public_id,
        "Mở ảnh trang": f"/giay-to/trang/{page}",
        "Tải tệp gốc": f"/giay-to/tep/{file[1]}/goc",
    }
    people = [
        (Role.ONESTOP_OFFICER, "Người Một"),
        (Role.OFFICER, "Người Hai"),
        (Role.OFFICER, "Người Ba"),
        (Role.LEADER, "Người Bốn"),
        (Role.RECORDS_CLERK, "Người Năm"),
    ]
    for turn, (role, name) in enumerate(people):
        client = office.client(role, name=name)
        door = "/lanh-dao" if role is Role.LEADER else "/can-bo"
        for number in range(5):
            what, path = list(ways.items())[(turn + number) % len(ways)]
            assert client.get(path.format(door)).status_code == 200, path
            done[SAID[role], what] += 1
        assert client.get(f"{door}/ho-so/khong-co").status_code == 404  # refused: nothing was seen
    for _ in range(5):
        look_up(office, public_id)
        done["Người có mã hồ sơ và khoá tra cứu", "Tra cứu công khai"] += 1
    office.client(Role.CITIZEN).get(ways["Mở ảnh trang"])
    assert done.total() == 30
    assert told(citizen, address(public_id)) - before == done
    text = citizen.get(address(public_id)).text
    assert "Người Hai" not in text
    assert "Tờ khai, trang 1" in text


def test_his_own_looks_are_shown_only_when_asked_for(office: Office, public_id: str) -> None:
    page, citizen = office.page(public_id, "Tờ khai"), office.client(Role.CITIZEN)
    citizen.get(f"/giay-to/trang/{page}")
    assert ("Tôi", "Mở ảnh trang") not in told(citizen, address(public_id))
    assert told(citizen, f"{address(public_id)}?ca-toi=1")["Tôi", "Mở ảnh trang"] == 1


def test_handing_on_is_told_too(office: Office, public_id: str) -> None:
    found = told(office.client(Role.CITIZEN), address(public_id))
    assert found == {("Công chức một cửa", "Chuyển xử lý"): 1}


def test_a_deferred_look_says_why_it_waits_and_is_shown_from_its_moment_on(
    office: Office, public_id: str, turned_clock: TurnedClock
) -> None:
    officer = office.actor(Role.OFFICER)
    until = turned_clock.moment + timedelta(minutes=10)
    with office.inside(), transaction():
        dossier = office.load(public_id)
        later = Deferral(until, "Điều 14").as_detail
        record("page:open", dossier, by=officer, dossier_id=dossier.id, deferred=later)
    sentence = "Lần xem này được hiện sau. Căn cứ: Điều 14"
    for moment, waits in ((until - timedelta(seconds=1), True), (until, False)):
        turned_clock.set(moment)
        text = office.client(Role.CITIZEN).get(address(public_id)).text
        assert (sentence in text) is waits
        assert ("Mở ảnh trang" in text) is not waits
        assert ("Cán bộ thụ lý" in text) is not waits


def test_nobody_else_may_ask(office: Office, public_id: str) -> None:
    stranger = office.client(Role.CITIZEN, name="Người Lạ")
    assert stranger.get(address(public_id)).status_code == 404
    assert office.client(Role.OFFICER).get(address(public_id)).status_code == 403


def test_every_act_is_known_as_look_or_step() -> None:
    """A new kind of act is shown until somebody says here that the history tells it."""
    known = LOOKS | PASSED_ON | IN_HISTORY
    acts = {act for act in LABELS if not act.startswith((*NEVER_OF_A_DOSSIER, "paper:"))}
    assert acts - known == set()
    assert set() == LOOKS & IN_HISTORY

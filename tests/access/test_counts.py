"""Numbers, lists and searches: they count and find what is in one's scope, and nothing besides."""

import re
from datetime import timedelta

import pytest

from portal.access import Role
from portal.doors import ROWS
from portal.dossiers.lifecycle import Status
from portal.postal.lifecycle import PickupState
from tests.access import canaries
from tests.access.crawl import Address
from tests.access.oracle import Row
from tests.access.people import Person
from tests.access.trial import Trial
from tests.factories.office import FRIDAY
from tests.factories.post import Road

HALVES = ("here", "there")
ENDED = ("rejected", "withdrawn", "stopped")  # what is left of them goes home, and is not counted
TAB_COUNT = re.compile(r"mc-tabs__count[^>]*>(\d+)<")
PASSING = re.compile(rb'[\w.-]{60,}|name="idempotency_key" value="\w+"|"once":"\w+"|nonce')
OFFICERS = (Role.ONESTOP_OFFICER, Role.OFFICER, Role.RECORDS_CLERK)
# Where anybody's changes show: the log, and the desk of those who run the site.
OF_ALL = (Role.ADMIN, Role.AUDITOR)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(
    ("role", "relation"),
    [("onestop_officer", "unit"), ("officer", "department"), ("records_clerk", "department")],
)
def test_the_tabs_of_a_desk_add_up_to_its_dossiers(
    trial: Trial, half: str, role: str, relation: str
) -> None:
    person = trial.person(f"{role}.{half}")
    shown = sum(map(int, TAB_COUNT.findall(person.open("/can-bo").text)))
    assert shown == len(trial.judge.oracle.visible(person, relation)) > 0


@pytest.mark.parametrize("half", HALVES)
def test_the_counter_counts_the_envelopes_of_its_office(trial: Trial, half: str) -> None:
    person = trial.person(f"postal_clerk.{half}")
    shown = list(map(int, TAB_COUNT.findall(person.open("/buu-dien").text)))
    for state in ("at_counter", "sealed"):
        assert len(_lying(trial, "office", person, state)) in shown


def _lying(trial: Trial, relation: str, person: Person, state: str) -> list[Row]:
    """Envelopes in this state, of dossiers that go on."""
    oracle = trial.judge.oracle
    return [
        item
        for item in oracle.facts.things["item"].values()
        if item["status"] == state
        and oracle.holds(relation, person, item)
        and item["direction"] == "to_agency"
        and oracle.facts.dossiers[item["dossier_id"]]["status"] not in ENDED
    ]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(("role", "relation"), [("leader", "department"), ("control", "province")])
def test_the_list_behind_each_status_holds_the_dossiers_of_the_scope(
    trial: Trial, half: str, role: str, relation: str
) -> None:
    person = trial.person(f"{role}.{half}")
    visible = trial.judge.oracle.visible(person, relation)
    for status in Status:
        if status is Status.DRAFT:
            continue
        wanted = {row["code"] for row in visible if row["status"] == status.value}
        page = person.open(f"/lanh-dao/danh-sach?tinh-trang={status.number}").text
        found = set(canaries.CODE.findall(page))
        assert found <= wanted, status
        assert len(found) == min(len(wanted), 20), status


@pytest.mark.parametrize("half", HALVES)
def test_a_supervisor_sees_the_numbers_of_his_own_offices(trial: Trial, half: str) -> None:
    person = trial.person(f"postal_supervisor.{half}")
    page = person.open("/buu-dien/giam-sat").text
    cells = list(map(int, re.findall(r'data-label="Chờ bàn giao"[^>]*>\s*(\d+)', page)))
    assert sum(cells) == len(_lying(trial, "post", person, "sealed")) > 0


def test_what_happens_elsewhere_changes_no_page_of_mine(trial: Trial) -> None:
    """Counts, lists, charts and searches stay to the letter while the other half gets busy."""
    here = [
        person
        for name, person in trial.country.people.items()
        if name.endswith(".here") and person.role not in OF_ALL
    ]
    here.append(trial.person("visitor"))
    before = {person.name: _lists_of(trial, person) for person in here}
    _more(trial)
    for person in here:
        now = _lists_of(trial, person)
        assert [path for path, page in now.items() if page != before[person.name][path]] == []


def _lists_of(trial: Trial, person: Person) -> dict[str, bytes]:
    rows = [row for row in ROWS if row.method == "GET" and "<" not in row.path]
    mine = [row.path for row in rows if person.role in row.who or not row.who]
    paths = [path for path in mine if not path.startswith(("/healthz", "/readyz", "/metrics"))]
    if person.role in OFFICERS:
        paths += ["/can-bo/tim?q=Zq", "/can-bo/tim?q=Nguyễn"]
    if person.role is Role.POSTAL_CLERK:
        tabs = re.findall(r'href="(/buu-dien\?xem=[\w-]+)"', person.open("/buu-dien").text)
        paths += tabs
    return {path: PASSING.sub(b"", person.open(path).data) for path in paths}


def _more(trial: Trial) -> None:
    there = trial.country.sides[1]
    assert there.office is not None
    for status in (Status.REGISTERED, Status.PROCESSING, Status.RESOLVED, Status.RETURNED):
        there.office.dossier(status, name="Nguyễn Zq Mới")
    people = [there.actors[r] for r in (Role.POSTAL_CLERK, Role.ONESTOP_OFFICER, Role.COURIER)]
    with trial.app.test_request_context():
        road = Road(there.world, *people, at=FRIDAY - timedelta(days=7))
        road.worker = there.actors[Role.OFFICER]
        road.proposed(road.sealed())
        road.out()
        road.pickup(on=FRIDAY.date(), state=PickupState.REQUESTED)


def test_searches_find_in_scope_and_nothing_outside_it(trial: Trial) -> None:
    """Names, codes, numbers, telephones, words of pages and file names, of both halves."""
    found = 0
    for person in _searchers(trial):
        for half in HALVES:
            dossier = _rich_dossier(trial, half)
            for word, field in _words(dossier, whole=trial.is_whole):
                for address in _searches(person, word):
                    if address.method == "POST":
                        trial.forget_throttles()
                    page = trial.try_door(person, address)
                    mine = _relations(trial, person, dossier)
                    is_there = (dossier["code"] or "?") in page.text and field != "code"
                    assert mine or not is_there or address.door.startswith("dossiers.")
                    found += bool(mine and is_there)
    judge = trial.judge
    assert (judge.leaks, judge.wrong) == ([], [])
    assert found > 20  # the words do find what one may see


def _searchers(trial: Trial) -> list[Person]:
    """All who have a box to type into; of those who only have everybody's, in short, a few."""
    boxes = (Role.ADMIN, Role.POSTAL_CLERK, Role.LEADER, *OFFICERS)
    few = ("visitor", "citizen.here")
    return [one for one in trial.people if trial.is_whole or one.role in boxes or one.name in few]


def _rich_dossier(trial: Trial, half: str) -> Row:
    """A dossier of this half that is with a department and has a page."""
    officer = trial.person(f"officer.{half}")
    facts = trial.judge.oracle.facts
    with_pages = {page["dossier_id"] for page in facts.things["page"].values()}
    visible = trial.judge.oracle.visible(officer, "department")
    return next(row for row in visible if row["id"] in with_pages)


def _words(dossier: Row, *, whole: bool) -> list[tuple[str, str]]:
    number = dossier["id"]
    words = [(canaries.word(number, letter), "word") for letter in ("nof" if whole else "no")]
    words += [(canaries.citizen_number(number), "number"), (dossier["code"], "code")]
    return [*words, ("0" + canaries.phone(number)[3:], "phone")]


def _searches(person: Person, word: str) -> list[Address]:
    """Every box that this person may type into."""
    role = person.role
    found = [
        Address("catalogue.index", "GET", f"/thu-tuc?q={word}"),
        Address("directory.communes", "GET", f"/xa-phuong?tinh=56&q={word}"),
        Address("dossiers.look_up", "GET", f"/tra-cuu?ma={word}"),
        Address(
            "dossiers.look_up_post", "POST", "/tra-cuu", (), (("code", word), ("key", "ABC234"))
        ),
    ]
    if role in OFFICERS:
        found += _boxes("office", "/can-bo/tim", word)
    if role is Role.LEADER:
        found += _boxes("leader", "/lanh-dao/tim", word)
    if role is Role.POSTAL_CLERK:
        found.append(Address("post.open", "POST", "/buu-dien", (), (("ma", word),)))
    if role is Role.ADMIN:
        found.append(Address("admin.users", "GET", f"/quan-tri/nguoi-dung?tim={word}"))
    return found


def _boxes(door: str, path: str, word: str) -> list[Address]:
    return [
        Address(f"{door}.search", "GET", f"{path}?q={word}"),
        Address(f"{door}.search_post", "POST", path, (), (("q", word),)),
    ]


def _relations(trial: Trial, person: Person, dossier: Row) -> bool:
    return bool(trial.judge.oracle.relations(person, dossier))

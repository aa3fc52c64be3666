"""Reading changes nothing, what it shows of files is written down, and its pages are cheap.

Every reading door of the table is opened as everybody it lets in, in a world in which there is
something behind each of them; a new door that forgets one of these promises fails here.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from portal import clock
from portal.access import Role
from portal.doors import ROWS
from portal.dossiers.openings import PAGES
from tests.conftest import Sites
from tests.factories.everything import Everything, make_everything
from tests.factories.office import FRIDAY
from tests.house.test_doors import address
from tests.portal.test_conflicts import CASES
from tests.rig.clocks import TurnedClock
from tests.rig.contents import contents
from tests.rig.crawl import PDF, Crawl, Visit
from tests.rig.databases import SqliteDatabase

# Who is here is written down by being here; what is opened, and how often, is written down too.
NOTED = ("web_sessions", "audit_events", "throttles")
MOST_QUERIES = 12
LATER = FRIDAY + timedelta(days=3)
DOORS = {row.name: row for row in ROWS if row.method == "GET" and not row.is_machine}
# Doors that show nothing in this world, and why that is right.
NOTHING_TO_SEE = {
    "accounts.second_factor": "only between a right password and its second factor",
    "accounts.go_on": "a form that waits for its person while he signs in; none waits here",
    "citizen.return_slip": "the paper behind post.return_slip; this citizen has all of his",
    "citizen.pickup_next": "leads on to the page of the booking that is not filled in yet",
}
# Acts that are kept once for each person, file and quarter of an hour (docs/adr/0011).
KEPT_ONCE = "file:glance"
OPEN, LISTED = "dossier:open", "dossier:list"
# Lists of work give a name and a code of each dossier, which is not yet an opening of it; the log
# itself gives codes. An address with its random name is none anywhere.
IN_A_LIST = {"id", "name", "code"}
HARMLESS = {
    "citizen.index": IN_A_LIST,
    "citizen.leave": IN_A_LIST,
    "post.desk": IN_A_LIST,
    "post.handovers": IN_A_LIST,
    "post.oversight": IN_A_LIST,
    "office.inbox": IN_A_LIST,
    "office.search": IN_A_LIST,
    "leader.list": IN_A_LIST,
    "leader.search": IN_A_LIST,
    "admin.audit": {"id", "code"},
}


@dataclass
class Read:
    """What was seen on the way through the world."""

    made: Everything
    before: dict[str, str]
    after: dict[str, str]
    visits: list[Visit]
    glances: list[tuple[Visit, Visit, Visit]] = field(default_factory=list)
    crowded: list[Visit] = field(default_factory=list)


@pytest.fixture(scope="module")
def read(sites: Sites) -> Iterator[Read]:
    """One walk through everything; afterwards glances again, and all pages in a fuller world.

    In the fuller world each page is the first look of its person in a quarter of an hour.
    """

    def database() -> SqliteDatabase:
        folder = sites.folder / "sqlite"
        folder.mkdir()
        return SqliteDatabase(folder)

    turned = TurnedClock()
    turned.set(FRIDAY)
    app = sites.fresh("sqlite", database)
    made = make_everything(app)
    crawl = Crawl(made)
    before = contents(app, besides=NOTED)
    visits = list(crawl.everywhere())
    found = Read(made, before, contents(app, besides=NOTED), visits)
    turned.set(FRIDAY.replace(minute=1))
    looks = {(one.door, one.is_fragment): one for one in visits if is_glance(one)}
    for visit in looks.values():
        turned.advance(minutes=15)
        found.glances.append(glance(crawl, visit, turned))
    turned.set(FRIDAY)
    made.more(45)
    turned.set(LATER)  # nobody has looked at anything yet in this quarter of an hour
    pages = {visit.door: visit for visit in reversed(visits) if visit.is_page}
    for visit in pages.values():
        if visit.mimetype != PDF:
            turned.advance(minutes=15)
            again(made, visit.role)
            found.crowded.append(crawl.visit(DOORS[visit.door], visit.role, visit.path))
    yield found
    clock.turn(None)


def is_glance(visit: Visit) -> bool:
    """Whether something was shown of which no line of its own had to tell."""
    return visit.shows and not set(visit.told) - {KEPT_ONCE, "dossier:open"}


def again(made: Everything, role: Role | None) -> None:
    """Sign in anew where the clock was turned."""
    if role is not None:
        made.clients[role] = made.office.client(role)


def glance(crawl: Crawl, seen: Visit, turned: TurnedClock) -> tuple[Visit, Visit, Visit]:
    """The same look in a new quarter of an hour, at once again, and in the quarter after."""
    row, how = DOORS[seen.door], {"fragment": seen.is_fragment}
    looks = []
    for minutes in (0, 5, 10):
        turned.advance(minutes=minutes)
        again(crawl.made, seen.role)
        looks.append(crawl.visit(row, seen.role, seen.path, **how))
    return looks[0], looks[1], looks[2]


def test_every_reading_door_was_opened_on_something(read: Read) -> None:
    opened = {visit.door for visit in read.visits if visit.is_page}
    assert set(DOORS) - opened == set(NOTHING_TO_SEE)
    assert [visit for visit in read.visits if visit.status >= 500] == []


def test_reading_changes_nothing_but_what_is_noted_of_it(read: Read) -> None:
    writing = {visit.door: visit.written - set(NOTED) for visit in read.visits + read.crowded}
    assert {door: tables for door, tables in writing.items() if tables} == {}
    assert read.before == read.after


def test_only_public_doors_answer_head_and_change_nothing(read: Read) -> None:
    before = contents(read.made.app)
    client = read.made.clients[None]
    for row in DOORS.values():
        status = client.head(address(row.path)).status_code
        assert status == 405 if row.who else status < 500, row.name
    assert contents(read.made.app) == before


def test_whatever_shows_a_file_leaves_a_line_that_says_so(read: Read) -> None:
    """Pictures, copies and papers each time; glances at least once in each quarter of an hour."""
    shown = [visit for visit in read.visits if visit.shows]
    assert len({visit.door for visit in shown}) >= 20
    renewed = {first.door for first, _, _ in read.glances if KEPT_ONCE in first.told}
    assert {visit.door for visit in shown if is_glance(visit)} == renewed


def test_the_page_of_a_step_tells_that_the_dossier_was_opened(read: Read) -> None:
    doors = {"office.accept", "office.stop", "office.decide", "leader.decide"}
    pages = [visit for visit in read.visits if visit.door in doors and visit.is_page]
    assert {visit.door for visit in pages} == doors
    whole = [visit for visit in pages if not visit.is_fragment]
    assert [visit for visit in whole if OPEN not in visit.told] == []


def test_whoever_is_shown_a_dossier_is_in_the_log_for_it(read: Read) -> None:
    """Each time he opens a page; for a part of one, a row or his own page, since a while ago."""
    earlier: dict[tuple[Role | None, int | None], set[str]] = defaultdict(set)
    missing = []
    for visit in read.visits:
        for act, dossier in visit.lines:
            earlier[visit.role, dossier].add(act)
        told = {dossier for _act, dossier in visit.lines}
        missing += [
            (visit.door, visit.role, dossier)
            for dossier, kind in visit.speaks_of
            if dossier not in told
            and kind not in HARMLESS.get(visit.door, {"id"})
            and not earlier[visit.role, dossier] & once(visit)
        ]
    assert missing == []


def once(visit: Visit) -> set[str]:
    """What need not be told again in the same quarter of an hour."""
    is_part = visit.is_fragment or DOORS[visit.door].is_polled
    acts = {KEPT_ONCE, LISTED}
    return acts | {OPEN} if is_part or visit.role is Role.CITIZEN else acts


def test_no_line_tells_of_a_dossier_that_was_not_shown(read: Read) -> None:
    pages = [visit for visit in read.visits if not visit.is_fragment]
    opened = {visit.door for visit in pages if OPEN in visit.told}
    assert len(opened) >= 30
    assert {visit.door for visit in pages if LISTED in visit.told} == {"post.round"}
    invented = [
        (visit.door, visit.role, dossier)
        for visit in pages
        for act, dossier in visit.lines
        if act in (OPEN, LISTED) and dossier not in dict(visit.speaks_of)
    ]
    assert invented == []


def test_the_owner_can_read_which_page_it_was(read: Read) -> None:
    of_others = {
        v.door for v in read.visits if v.role is not Role.CITIZEN and {OPEN, LISTED} & set(v.told)
    }
    assert {door for door in of_others if door not in PAGES} == set()


def test_a_glance_is_one_line_for_a_file_and_a_quarter_of_an_hour(read: Read) -> None:
    doors = {first.door for first, _, _ in read.glances}
    assert {"files.page_thumb", "files.words", "files.file_state"} <= doors
    assert {"office.search", "leader.search", "office.dossier", "leader.dossier"} <= doors
    for first, soon, later in read.glances:
        assert first.told.count(KEPT_ONCE) == later.told.count(KEPT_ONCE) >= 1, first
        assert KEPT_ONCE not in soon.told, soon


def test_every_form_that_carries_a_version_is_tried_on_an_old_picture(read: Read) -> None:
    actions = {action for visit in read.visits for action in visit.forms}
    urls = read.made.app.url_map.bind("localhost")
    doors = {urls.match(action.split("?")[0], method="POST")[0] for action in actions}
    assert doors - set(CASES) == set()


@pytest.mark.parametrize("world", ["small", "crowded"])
def test_a_page_asks_twelve_questions_at_most_however_much_lies_about(
    read: Read, world: str
) -> None:
    first = [first for first, _soon, _later in read.glances]
    visits = read.crowded if world == "crowded" else read.visits + first
    dear = {
        visit.door: [" ".join(text.split())[:90] for text in visit.queries]
        for visit in visits
        if len(visit.queries) > MOST_QUERIES
    }
    assert dear == {}

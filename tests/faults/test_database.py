"""The database goes away, hangs, is locked, full or a copy: a sentence in time, and no restart."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape

import psycopg
import pytest
from sqlalchemy import text

from portal.extensions import db
from tests.faults.conftest import Wired, wired_portal
from tests.faults.kit.seen import is_taken_later, is_told, timed
from tests.faults.kit.site import Answer, Sending
from tests.faults.kit.speech import failing
from tests.rig.postgres import PostgresServer
from tests.rig.waiting import until

OTHERS = ("53200", "57014", "40001")  # out of memory, out of time, refused at the very end


@pytest.fixture(scope="module")
def wired_one(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Wired]:
    with wired_portal(postgres, tmp_path_factory.mktemp("database")) as portal:
        yield portal


@pytest.fixture
def portal(wired_one: Wired) -> Iterator[Wired]:
    """One portal for all faults: each must leave it as it was."""
    yield wired_one
    wired_one.wire.heal()
    until(lambda: wired_one.web.get("/thu-tuc").status == 200, "the portal is back", within=10)


def waiting_form(answer: Answer) -> dict[str, str]:
    """What the page would send again."""
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    return {name: unescape(value) for name, value in inputs}


def test_a_database_that_is_down_is_told_in_time_and_comes_back_by_itself(portal: Wired) -> None:
    intention = portal.desk.submit()
    citizen = intention.sending.person
    portal.wire.refuse()
    for ask in (
        lambda: portal.web.get("/thu-tuc"),
        lambda: portal.web.get("/cua-toi", citizen),
        lambda: intention.sending.send(portal.web),
    ):
        answer, seconds = timed(ask)
        is_told(answer)
        assert seconds <= 3
    assert portal.web.get("/healthz").status == 200
    assert portal.web.get("/readyz").status == 503
    assert portal.oracle.parts(intention.entry).are_none
    portal.wire.heal()
    is_taken_later(portal.web, portal.oracle, intention)


def test_what_was_typed_waits_on_the_page_to_be_sent_again(portal: Wired) -> None:
    intention = portal.desk.seal()
    sending = intention.sending
    portal.wire.refuse()
    page = waiting_form(sending.send(portal.web))
    assert sending.fields.items() <= page.items()
    assert page["idempotency_key"] == sending.key
    portal.wire.heal()
    again = Sending(sending.person, sending.path, sending.key, page)
    assert until(lambda: again.send(portal.web).status == 303, "it is taken", within=10)
    assert portal.oracle.faults([intention.entry]) == []


def test_connections_that_were_reset_are_replaced_unseen(portal: Wired) -> None:
    citizen = portal.web.person(portal.desk.citizen)
    assert portal.web.get("/cua-toi", citizen).status == 200
    portal.wire.reset()
    answers = [portal.web.get("/cua-toi", citizen).status for _ in range(4)]
    assert answers == [200] * 4


@contextmanager
def while_a_copy(portal: Wired, postgres: PostgresServer) -> Iterator[None]:
    """Whoever connects meanwhile is let read and nothing else, also later on that connection."""
    setting = f'ALTER DATABASE "{portal.database}" SET default_transaction_read_only = '
    postgres.sql(f"{setting}on")
    portal.wire.reset()
    try:
        yield
    finally:
        postgres.sql(f"{setting}off")


def test_a_copy_that_takes_no_writes_can_still_be_read(
    portal: Wired, postgres: PostgresServer
) -> None:
    intention = portal.desk.submit()
    with while_a_copy(portal, postgres):
        assert portal.web.get("/cua-toi", intention.sending.person).status == 200
        answer, seconds = timed(lambda: intention.sending.send(portal.web))
        is_told(answer)
        assert seconds <= 3
    is_taken_later(portal.web, portal.oracle, intention)


def test_connections_to_a_former_copy_are_left_unseen(
    portal: Wired, postgres: PostgresServer
) -> None:
    """Each worker still holds one when the server takes writes again."""
    intention = portal.desk.submit()
    with while_a_copy(portal, postgres), ThreadPoolExecutor(8) as readers:
        answers = readers.map(lambda _: portal.web.get("/thu-tuc").status, range(40))
        assert set(answers) == {200}
    answer = intention.sending.send(portal.web)
    assert answer.status == 303
    intention.entry.receipts.append(answer.location)
    assert portal.oracle.faults([intention.entry]) == []


@pytest.mark.proof
def test_a_database_that_is_silent_holds_nobody_for_long(portal: Wired) -> None:
    intention = portal.desk.submit()
    citizen = intention.sending.person
    assert portal.web.get("/cua-toi", citizen).status == 200
    portal.wire.swallow()
    for ask in (
        lambda: portal.web.get("/cua-toi", citizen),
        lambda: intention.sending.send(portal.web),
    ):
        answer, seconds = timed(ask)
        is_told(answer)
        assert seconds <= 12, "six seconds for the silent one, and a new one is tried"
    portal.wire.heal()
    is_taken_later(portal.web, portal.oracle, intention)


@pytest.mark.proof
def test_a_table_somebody_holds_stops_only_who_needs_it(
    portal: Wired, postgres: PostgresServer
) -> None:
    intention = portal.desk.submit()
    with psycopg.connect(
        host=str(postgres.folder), user="postgres", dbname=portal.database
    ) as operator:
        operator.execute("LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE")
        answer, seconds = timed(lambda: intention.sending.send(portal.web))
        is_told(answer)
        assert 4 <= seconds <= 7
        others = sorted(timed(lambda: portal.web.get("/tra-cuu"))[1] for _ in range(20))
        assert others[-2] <= 2
        operator.rollback()
    is_taken_later(portal.web, portal.oracle, intention)


@pytest.mark.parametrize(
    "sqlstate", ["53100", *(pytest.param(f, marks=pytest.mark.proof) for f in OTHERS)]
)
def test_a_full_or_tired_database_gives_no_receipt(portal: Wired, sqlstate: str) -> None:
    intention = portal.desk.submit()
    portal.wire.instead["COMMIT"] = failing(sqlstate)
    is_told(intention.sending.send(portal.web))
    assert portal.web.get("/cua-toi", intention.sending.person).status == 200
    assert portal.oracle.parts(intention.entry).are_none
    portal.wire.heal()
    is_taken_later(portal.web, portal.oracle, intention)


class Once(dict[str, bytes]):
    """Says each of its sentences one time only."""

    def get(self, word: str, default: bytes) -> bytes:  # type: ignore[override] # the wire asks so
        return self.pop(word, default)


@pytest.mark.parametrize("act", ["decide", "upload", "scan"])
def test_whoever_gave_way_to_another_is_taken_the_second_time(portal: Wired, act: str) -> None:
    intention = portal.desk.lay[act]()
    portal.wire.instead = Once(COMMIT=failing("40P01"))
    answer = intention.sending.send(portal.web)
    assert answer.status == 303
    intention.entry.receipts.append(answer.location)
    assert portal.oracle.faults([intention.entry]) == []


def test_every_connection_of_the_web_knows_its_limits(portal: Wired) -> None:
    """As the server has it, not as we wrote it down."""
    asked = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    with portal.site.app.app_context():
        found = [db.session.scalar(text(f"SHOW {name}")) for name in asked]
    assert found == ["5s", "5s", "1min"]

"""A draft nobody goes on with is told of, and goes; one that somebody touches stays."""

from datetime import timedelta

from portal import clock, outbox, upkeep
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.dossiers import aging
from portal.dossiers.erasing import ERASED
from portal.extensions import db
from portal.outbox import MessageState, OutboxMessage
from tests.factories.country import (
    REQUESTER,
    Country,
    file,
    hand_in,
    picture,
    send_extract,
    start_online,
)
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.reader import Reader


def back(country: Country, citizen: Reader) -> Reader:
    """The citizen signs in again, days later."""
    citizen.open("/dang-nhap")
    return citizen.send("email", email="citizen-1@test.invalid", password="a long enough password")


def days(country: Country, turned: TurnedClock, number: int) -> None:
    """So many days go by, the last with the sweep of a worker."""
    turned.advance(days=number)
    with country.app.app_context():
        aging.sweep(clock.now())


def letters(country: Country) -> list[OutboxMessage]:
    with country.app.app_context():
        return list(db.session.query(OutboxMessage).filter_by(kind="mail"))


@on_both_databases
def test_its_owner_is_told_a_week_before_and_then_it_goes(
    country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    start_online(citizen)
    (draft,) = country.dossiers()
    days(country, turned_clock, 22)
    assert letters(country) == []
    days(country, turned_clock, 1)
    (letter,) = letters(country)
    assert letter.subject == "Bản nháp của Ông/Bà sẽ bị xoá ngày 22/12/2026"
    assert "trích lục" in letter.body.lower()
    days(country, turned_clock, 6)
    assert [row.public_id for row in country.dossiers()] == [draft.public_id]
    assert len(letters(country)) == 1
    days(country, turned_clock, 1)
    assert country.dossiers() == []
    assert letters(country) == [], "the letter that named it is gone too"
    with country.app.app_context():
        (line,) = db.session.query(AuditEvent).filter_by(act=ERASED)
        assert (line.actor_name, line.detail) == ("Hệ thống", {"why": "age"})


def test_the_page_says_when_it_goes_and_saving_begins_anew(
    country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    assert "22/12/2026" in citizen.page
    days(country, turned_clock, 23)
    days(country, turned_clock, 2)
    back(country, citizen).open("/cua-toi")
    assert "22/12/2026" in citizen.page
    citizen.open(f"{draft}/khai/requester").send("requester_name", action="save", **REQUESTER)
    assert "16/01/2027" in citizen.open(draft).page
    days(country, turned_clock, 24)
    days(country, turned_clock, 5)
    assert len(country.dossiers()) == 1
    assert len(letters(country)) == 2, "of another stretch of time, another letter"
    days(country, turned_clock, 2)
    assert country.dossiers() == []


def test_nothing_goes_before_its_owner_could_come_back(
    country: Country, turned_clock: TurnedClock
) -> None:
    """After a worker has stood still for months."""
    citizen = country.citizen()
    sent = send_extract(country, citizen)
    start_online(citizen)
    days(country, turned_clock, 91)
    assert len(country.dossiers()) == 2
    days(country, turned_clock, 6)
    assert len(country.dossiers()) == 2
    days(country, turned_clock, 1)
    assert [row.id for row in country.dossiers()] == [sent.id], "what was sent does not age"


def test_a_file_handed_in_keeps_the_draft(country: Country, turned_clock: TurnedClock) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    days(country, turned_clock, 20)
    hand_in(back(country, citizen), draft, files=[file(picture(), "the.jpg")])
    days(country, turned_clock, 4)
    days(country, turned_clock, 16)
    assert len(country.dossiers()) == 1


def test_letters_that_never_left_go_too(country: Country, turned_clock: TurnedClock) -> None:
    with country.app.app_context():
        with transaction():
            for number, state in enumerate(MessageState):
                outbox.promise("mail", f"{number}@vidu.test", "Thư", "Lời", f"event:{number}")
                row = db.session.query(OutboxMessage).order_by(OutboxMessage.id.desc()).first()
                assert row
                row.state = state
                row.sent_at = clock.now() if state is MessageState.SENT else None
        upkeep.sweep(clock.now() + timedelta(days=29))
        assert db.session.query(OutboxMessage).count() == 3
        upkeep.sweep(clock.now() + timedelta(days=31))
        assert [row.state for row in db.session.query(OutboxMessage)] == [MessageState.WAITING]

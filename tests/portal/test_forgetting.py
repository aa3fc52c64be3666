"""The list of what was erased: written beside the database, obeyed, and not to be made up."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal import clock, erasures, forgetting, upkeep
from portal.accounts.models import User
from portal.db import transaction
from portal.erasures import NAME, Entry, Erased
from portal.extensions import db
from portal.worker import Worker
from tests.factories.country import Country, start_online
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock

NOW = "2026-11-22T09:00:00+07:00"


def the_list(app: Flask) -> Path:
    return Path(app.config["SETTINGS"].erase_list.removeprefix("file://")) / NAME


def settle(app: Flask) -> int:
    with app.app_context():
        return forgetting.settle(clock.now())


def write(app: Flask, *lines: str) -> None:
    path = the_list(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(lines)


def line(app: Flask, kind: Erased, subject: str) -> str:
    with app.app_context():
        return Entry(kind, subject, NOW).line


@on_both_databases
def test_what_is_listed_is_erased_again(country: Country, app: Flask) -> None:
    """As in a database that was brought back past the portal's own command."""
    start_online(country.citizen())
    start_online(country.citizen("Trần Văn Khác"))
    gone, kept = country.dossiers()
    with app.app_context():
        person = db.session.query(User).order_by(User.id).all()[1].public_id
    write(app, line(app, Erased.DRAFT, gone.public_id), line(app, Erased.DRAFT, "khong-co-ten"))
    with app.app_context():
        Worker(app, slots=1).forget()
    assert [row.public_id for row in country.dossiers()] == [kept.public_id]
    write(app, line(app, Erased.PERSON, person))
    assert settle(app) == 1
    assert country.dossiers() == []
    with app.app_context():
        assert [bool(row.erased_at) for row in db.session.query(User).order_by(User.id)] == [
            False,
            True,
        ]
    assert settle(app) == 0


def test_a_line_made_up_by_somebody_erases_nobody(
    country: Country, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    start_online(country.citizen())
    (draft,) = country.dossiers()
    mine = json.loads(line(app, Erased.DRAFT, "mot-ten-khac"))
    made_up = [{**mine, "subject": draft.public_id}, {**mine, "seal": ""}, [], "x", 7]
    write(app, *(json.dumps(one) + "\n" for one in made_up), "{cut off")
    assert settle(app) == 0
    assert len(country.dossiers()) == 1
    assert "6 lines of the list of what was erased cannot be read" in caplog.text


def test_what_is_erased_is_in_the_list_by_random_names_only(country: Country, app: Flask) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    (row,) = country.dossiers()
    the_list(app).parent.mkdir(parents=True, exist_ok=True)
    the_list(app).write_text("{cut off")
    citizen.open(f"{draft}/xoa").send("/xoa")
    written = the_list(app).read_text().splitlines()
    assert written[0] == "{cut off"
    found = json.loads(written[1])
    assert found.keys() == {"kind", "subject", "at", "seal"}
    assert (found["kind"], found["subject"], len(written)) == ("draft", row.public_id, 2)


def test_a_list_that_could_not_be_written_is_written_later(
    country: Country, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    folder = the_list(app).parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder")
    assert citizen.open(f"{draft}/xoa").send("/xoa").status == 200
    assert country.dossiers() == []
    assert "the list of what was erased is not written" in caplog.text
    folder.unlink()
    settle(app)
    with app.app_context():
        assert erasures.listed().keys() == erasures.known()
    assert len(the_list(app).read_text().splitlines()) == 1


def test_an_erasing_writes_its_own_lines_and_leaves_the_others_to_the_worker(
    country: Country, app: Flask
) -> None:
    """However long the list is: what many people erased is not read for one of them."""
    citizen = country.citizen()
    citizen.open(f"{start_online(citizen)}/xoa").send("/xoa")
    before = the_list(app).read_text()
    the_list(app).write_text("")
    citizen.open(f"{start_online(citizen)}/xoa").send("/xoa")
    (own,) = the_list(app).read_text().splitlines()
    assert own not in before
    settle(app)
    assert sorted(the_list(app).read_text().splitlines()) == sorted([own, *before.splitlines()])


def test_what_was_not_erased_after_all_is_not_listed(app: Flask) -> None:
    with app.app_context():
        with transaction():
            for name in ("mot", "hai"):
                erasures.note(Erased.DRAFT, name, at=clock.now())
        with suppress(InterruptedError), transaction():
            erasures.note(Erased.DRAFT, "ba", at=clock.now())
            raise InterruptedError
        assert {name for _kind, name in erasures.listed()} == {"mot", "hai"}
        assert erasures.listed().keys() == erasures.known()


@on_both_databases
def test_what_no_copy_can_bring_back_leaves_the_list(app: Flask, turned_clock: TurnedClock) -> None:
    """Drafts after two years, people after ten; lines that are not ours stay for their owner."""
    with app.app_context():
        for kind in Erased:
            with transaction():
                erasures.note(kind, f"old-{kind}", at=clock.now())
    write(app, "{of another site}\n")
    for days, left in ((729, {*Erased}), (2, {Erased.PERSON}), (2923, set())):
        turned_clock.advance(days=days)
        with app.app_context():
            upkeep.sweep(clock.now())
            assert {kind for kind, _name in erasures.listed()} == left
            assert erasures.known() == erasures.listed().keys()
    assert the_list(app).read_text() == "{of another site}\n"


def test_who_erases_while_the_list_grows_shorter_is_in_the_new_one(app: Flask) -> None:
    """Writers that wait for the old file find the new one, and nothing of theirs is lost."""
    now = clock.now()
    long_ago = (now - timedelta(days=4000)).isoformat()
    old = [Entry(Erased.PERSON, f"old-{number}", long_ago) for number in range(9)]
    new = [Entry(Erased.PERSON, f"new-{number}", now.isoformat()) for number in range(60)]

    def writes(some: list[Entry]) -> None:
        for entry in some:
            with app.app_context():
                erasures.append([entry])

    def shortens() -> None:
        for entry in old:
            with app.app_context():
                erasures.append([entry])
                assert erasures.shorten(clock.now())

    with ThreadPoolExecutor(4) as people:
        work = [people.submit(writes, new[start::3]) for start in range(3)]
        work.append(people.submit(shortens))
        for one in work:
            one.result()
    with app.app_context():
        assert set(erasures.listed().values()) == set(new)

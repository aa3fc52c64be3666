"""The list of what was erased: written beside the database, obeyed, and not to be made up."""

import json
from pathlib import Path

import pytest
from flask import Flask

from portal import clock, erasures, forgetting
from portal.accounts.models import User
from portal.db import transaction
from portal.erasures import NAME, Entry, Erased
from portal.extensions import db
from portal.worker import Worker
from tests.factories.country import Country, start_online
from tests.rig import on_both_databases

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
    with app.app_context(), transaction():
        assert erasures.listed() == erasures.known()
    assert len(the_list(app).read_text().splitlines()) == 1

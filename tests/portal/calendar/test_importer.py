import json
import shutil
from datetime import date, datetime, time
from pathlib import Path

import pytest
from flask import Flask

from portal import cli
from portal.calendar.importer import load_calendar
from portal.calendar.models import CalendarDay, CalendarYear, DayKind
from portal.calendar.queries import working_calendar
from portal.calendar.rules import OFFICE_HOURS
from portal.catalogue.published import DATA
from portal.clock import ZONE
from portal.db import transaction
from portal.dossiers import deadlines
from portal.dossiers.deadlines import TimeLimit, Unit
from portal.extensions import db
from tests.rig import on_both_databases


def load(path: Path = DATA / "calendar.json") -> int:
    with transaction() as session:
        return load_calendar(session, path)


@on_both_databases
def test_loading_twice_changes_nothing(app: Flask) -> None:
    with app.app_context():
        assert load() == db.session.query(CalendarDay).count() + 3
        assert load() == 0
        assert db.session.query(CalendarYear).count() == 3


def test_the_loaded_calendar_reckons_the_worked_example(app: Flask) -> None:
    with app.test_request_context():
        load()
        calendar = working_calendar()
        start = datetime(2026, 11, 20, 10, 12, tzinfo=ZONE)
        due = deadlines.due(start, TimeLimit(3, Unit.WORKING_DAY), calendar)
        assert due.at == datetime(2026, 11, 26, 10, 12, tzinfo=ZONE)
        assert calendar.loaded_until == date(2027, 12, 31)
        assert calendar.sure_until == date(2026, 12, 31)
        assert not due.is_forecast


def test_a_corrected_day_follows_the_file_and_a_day_added_by_hand_stays(
    app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "calendar.json"
    shutil.copy(DATA / "calendar.json", path)
    with app.app_context():
        load(path)
        with transaction() as session:
            session.add(CalendarDay(day=date(2026, 10, 5), kind=DayKind.OFF, reason="Bão"))
        path.write_text(path.read_text("utf-8").replace("2027-02-04", "2027-02-11"), "utf-8")
        assert load(path) == 1
        stormy = db.session.query(CalendarDay).filter_by(day=date(2026, 10, 5)).one()
        assert stormy.reason == "Bão"


def test_office_hours_of_the_file_are_those_of_the_rules() -> None:
    file = json.loads((DATA / "calendar.json").read_text(encoding="utf-8"))
    stated = tuple(
        (time.fromisoformat(row["from"]), time.fromisoformat(row["to"]))
        for row in file["office_hours"]
    )
    assert stated == OFFICE_HOURS


def test_the_operator_imports_a_calendar(app: Flask, tmp_path: Path) -> None:
    cli.hang(app)
    operator = app.test_cli_runner()
    done = operator.invoke(args=["calendar", "import", str(DATA / "calendar.json")])
    assert done.output.endswith("rows changed.\n")
    broken = tmp_path / "broken.json"
    broken.write_text('{"days": [{"day": "mai"}], "years": []}', encoding="utf-8")
    refused = operator.invoke(args=["calendar", "import", str(broken)])
    assert refused.exit_code == 1
    assert "broken.json cannot be read" in refused.output


@pytest.mark.parametrize("missing", ["days", "years"])
def test_a_file_without_its_parts_is_refused(app: Flask, tmp_path: Path, missing: str) -> None:
    file = json.loads((DATA / "calendar.json").read_text(encoding="utf-8"))
    del file[missing]
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps(file), encoding="utf-8")
    with app.app_context():
        with pytest.raises(KeyError, match=missing):
            load(path)
        assert db.session.query(CalendarDay).count() == 0

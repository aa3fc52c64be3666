import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from portal import cli
from portal.catalogue import queries
from portal.catalogue.importer import CatalogueRefused, Loaded, load_procedures, load_tariffs
from portal.catalogue.models import Procedure, ProcedureVersion, Sureness, Tariff, TimeUnit
from portal.catalogue.published import DATA
from portal.db import transaction
from portal.extensions import db
from tests.rig import on_both_databases

CODE = "2.000635"


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    shutil.copy(DATA / "procedures.json", tmp_path)
    shutil.copytree(DATA / "forms", tmp_path / "forms")
    return tmp_path / "procedures.json"


def load(path: Path, on: date | None = None) -> Loaded:
    with transaction() as session:
        return load_procedures(session, path, on)


def change(path: Path, edit: Callable[[dict[str, Any]], None], code: str = CODE) -> None:
    file = json.loads(path.read_text(encoding="utf-8"))
    edit(next(entry for entry in file["procedures"] if entry["code"] == code))
    path.write_text(json.dumps(file, ensure_ascii=False), encoding="utf-8")


@on_both_databases
def test_loading_twice_adds_nothing(app: Flask, catalogue: Path) -> None:
    with app.app_context():
        assert load(catalogue) == Loaded(added=28)
        assert load(catalogue) == Loaded(unchanged=28)
        assert db.session.query(ProcedureVersion).count() == 28


def test_what_the_file_says_is_what_the_portal_knows(app: Flask, catalogue: Path) -> None:
    with app.app_context():
        load(catalogue)
        version = queries.in_force(CODE)
        assert version is not None
        assert (version.time_unit, version.time_cutoff) == (TimeUnit.SAME_DAY, "15:00")
        assert (version.fee_amount, version.fee_per) == (8000, "copy")
        assert version.form is not None
        assert version.form["procedure"] == CODE
        assert "03/2026/QH16" in version.notice
        assert [paper.number for paper in version.components] == [1, 2, 3]
        status = queries.in_force("1.004873")
        assert status is not None
        assert status.fee_amount is None
        assert [row["text"] for row in status.fee_exemptions][1] == "Người thuộc hộ nghèo"


def test_what_is_unsure_stays_marked(app: Flask, catalogue: Path) -> None:
    with app.app_context():
        load(catalogue)
        permit = queries.in_force("1.013225")
        assert permit is not None
        assert (permit.time_value, permit.time_unit) == (None, None)
        assert permit.time_sureness is permit.fee_sureness is Sureness.UNSURE
        assert permit.legal_basis.endswith("(chưa xác minh)")
        assert permit.form is None


def test_a_changed_procedure_gets_a_version_and_the_published_one_stays(
    app: Flask, catalogue: Path
) -> None:
    with app.app_context():
        load(catalogue, date(2026, 1, 5))
        before = queries.in_force(CODE)
        assert before is not None
        change(catalogue, lambda entry: entry["fee"].update(amount=9000, text="9.000 đồng/bản sao"))
        assert load(catalogue, date(2026, 11, 1)) == Loaded(revised=1, unchanged=27)

        old = db.session.get_one(ProcedureVersion, before.id)
        assert (old.number, old.fee_amount, old.valid_to) == (1, 8000, None)
        on_old_day = queries.in_force(CODE, date(2026, 10, 31))
        today = queries.in_force(CODE, date(2026, 11, 1))
        assert on_old_day is not None
        assert today is not None
        assert (on_old_day.number, on_old_day.fee_amount) == (1, 8000)
        assert (today.number, today.fee_amount) == (2, 9000)
        assert len(today.components) == 3


def test_a_changed_form_is_a_new_version_too(app: Flask, catalogue: Path) -> None:
    with app.app_context():
        load(catalogue)
        form = catalogue.parent / "forms" / f"{CODE}.json"
        form.write_text(form.read_text(encoding="utf-8").replace("Yêu cầu", "Đề nghị"), "utf-8")
        assert load(catalogue) == Loaded(revised=1, unchanged=27)


def test_a_renamed_procedure_is_found_by_its_new_name(app: Flask, catalogue: Path) -> None:
    with app.app_context():
        load(catalogue)
        change(catalogue, lambda entry: entry.update(name="Cấp bản sao điện tử"))
        load(catalogue)
        assert [found.procedure.code for found in queries.search("ban sao dien tu")] == [CODE]


@pytest.mark.parametrize(
    "edit",
    [
        lambda entry: entry.pop("fee"),
        lambda entry: entry["time"].update(unit="fortnight"),
        lambda entry: entry.update(valid_from="hôm qua"),
        lambda entry: entry.update(form="9.999999"),
        lambda entry: entry.update(code="1.001193"),
    ],
    ids=["no fee", "odd unit", "no date", "no form", "code twice"],
)
def test_a_wrong_file_loads_nothing(
    app: Flask, catalogue: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    change(catalogue, edit)
    with app.app_context():
        with pytest.raises(CatalogueRefused):
            load(catalogue)
        assert db.session.query(Procedure).count() == 0


def test_prices_load_once_and_follow_the_file(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "tariffs.json"
    shutil.copy(DATA / "tariffs.json", path)
    with app.app_context():
        with transaction() as session:
            assert load_tariffs(session, path) == 3
        with transaction() as session:
            assert load_tariffs(session, path) == 0
        path.write_text(path.read_text("utf-8").replace("26000", "27000"), "utf-8")
        with transaction() as session:
            assert load_tariffs(session, path) == 1
        assert db.session.query(Tariff).filter_by(zone="intra").one().price_low == 27000


@pytest.fixture
def operator(app: Flask) -> FlaskCliRunner:
    cli.hang(app)
    return app.test_cli_runner()


def test_the_operator_imports_catalogue_and_prices(
    operator: FlaskCliRunner, catalogue: Path
) -> None:
    first = operator.invoke(args=["catalogue", "import", str(catalogue)])
    assert first.output == "28 procedures are new, 0 have a new version, 0 are as they were.\n"
    prices = operator.invoke(args=["catalogue", "import", str(DATA / "tariffs.json")])
    assert prices.output == "3 prices changed.\n"


def test_the_operator_is_told_what_is_wrong_with_a_file(
    operator: FlaskCliRunner, catalogue: Path
) -> None:
    change(catalogue, lambda entry: entry.pop("fee"))
    result = operator.invoke(args=["catalogue", "import", str(catalogue)])
    assert result.exit_code == 1
    assert result.output == "Error: procedures.json: Procedure 2.000635: KeyError('fee').\n"
    catalogue.write_text("không phải JSON", encoding="utf-8")
    result = operator.invoke(args=["catalogue", "import", str(catalogue)])
    assert result.exit_code == 1
    assert "cannot be read" in result.output


def test_one_command_loads_the_whole_country_and_may_be_repeated(
    operator: FlaskCliRunner,
) -> None:
    assert "28 new" in operator.invoke(args=["load-country"]).output
    assert "0 new, 0 with" in operator.invoke(args=["load-country"]).output

"""The shipped data keeps its promises: nothing unverified looks like law, every form is sound."""

import csv
import json
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vietnam import citizen_number, dates, phones

DATA = Path(__file__).parents[2] / "data"
TYPES = {"text", "textarea", "date", "year_or_date", "number", "select", "radio", "checkbox",
         "citizen_number", "phone", "email", "commune"}  # fmt: skip
SURENESS = {"sure", "known", "unsure"}


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


PROCEDURES = load("procedures.json")["procedures"]
FORMS = [load(f"forms/{path.name}") for path in sorted((DATA / "forms").glob("*.json"))]
UNITS = list(csv.DictReader((DATA / "administrative_units.csv").open(encoding="utf-8")))
CODES = {row["code"] for row in UNITS}


def fields(form: dict[str, Any]) -> list[dict[str, Any]]:
    return [field for page in form["pages"] for field in page["fields"]]


@pytest.mark.parametrize("path", sorted(DATA.rglob("*.*")), ids=lambda path: path.name)
def test_every_file_is_composed_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)


def test_there_are_28_procedures_each_under_its_own_code() -> None:
    codes = [procedure["code"] for procedure in PROCEDURES]
    assert len(codes) == len(set(codes)) == 28


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda procedure: procedure["code"])
def test_nothing_unsure_states_a_time_or_an_amount(procedure: dict[str, Any]) -> None:
    time, fee = procedure["time"], procedure["fee"]
    marks = [time, fee, procedure["post"], procedure["online"], *procedure["components"]]
    assert {mark["sureness"] for mark in marks} <= SURENESS
    assert (time["value"] is None) == (time["unit"] is None) == (time["sureness"] == "unsure")
    if fee["sureness"] == "unsure":
        assert fee["amount"] is None
    if time["sureness"] == "unsure":
        assert "chưa xác minh" in time["note"]


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda procedure: procedure["code"])
def test_a_paper_is_either_required_or_says_when(procedure: dict[str, Any]) -> None:
    components = procedure["components"]
    assert [paper["number"] for paper in components] == list(range(1, len(components) + 1))
    assert all(paper["is_required"] == (paper["condition"] == "") for paper in components)


def test_three_procedures_have_a_form_and_the_others_none() -> None:
    named = {procedure["form"] for procedure in PROCEDURES} - {None}
    assert named == {form["procedure"] for form in FORMS} == {"2.000635", "1.004873", "2.000720"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["procedure"])
def test_a_form_is_sound(form: dict[str, Any]) -> None:
    assert "chưa đối chiếu với mẫu chính thức" in form["status_note"]
    seen: dict[str, dict[str, Any]] = {}
    for field in fields(form):
        assert field["name"] not in seen
        assert field["type"] in TYPES
        assert field["purpose"]
        assert ("options" in field) == (field["type"] in {"select", "radio"})
        if condition := field.get("condition"):
            asked = seen[condition["field"]]
            answers = (
                {"yes"} if asked["type"] == "checkbox" else {o["value"] for o in asked["options"]}
            )
            assert condition["equals"] in answers
        seen[field["name"]] = field


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["procedure"])
def test_the_sample_answers_every_field_that_applies(form: dict[str, Any]) -> None:
    sample = form["sample"]
    for field in fields(form):
        condition = field.get("condition")
        applies = not condition or sample.get(condition["field"]) == condition["equals"]
        answer = sample.get(field["name"], "")
        assert applies or not answer
        if field["required"] and applies:
            assert answer
        if answer:
            assert is_well_typed(field, answer)
    assert set(sample) <= {field["name"] for field in fields(form)}


def is_well_typed(field: dict[str, Any], answer: str) -> bool:
    checks = {
        "citizen_number": citizen_number.parse,
        "phone": phones.normalise,
        "date": dates.parse,
        "year_or_date": dates.parse_partial,
        "number": str.isdigit,
        "commune": CODES.__contains__,
        "checkbox": "yes".__eq__,
        "radio": lambda value: value in {option["value"] for option in field["options"]},
    }
    checks["select"] = checks["radio"]
    return bool(checks.get(field["type"], str.strip)(answer))


def test_the_calendar_breaks_the_weekly_rule_and_nothing_else() -> None:
    days = load("calendar.json")["days"]
    assert [row["day"] for row in days] == sorted({row["day"] for row in days})
    for row in days:
        is_weekend = date.fromisoformat(row["day"]).weekday() >= 5
        assert is_weekend == (row["kind"] == "work")
        assert row["reason"]
        assert row["source"]


def test_each_swapped_saturday_pays_for_a_day_off() -> None:
    days = {row["day"]: row["kind"] for row in load("calendar.json")["days"]}
    for worked, off in [
        ("2025-04-26", "2025-05-02"),
        ("2026-01-10", "2026-01-02"),
        ("2026-08-22", "2026-08-31"),
    ]:
        assert (days[worked], days[off]) == ("work", "off")
    assert sum(kind == "work" for kind in days.values()) == 3


def test_only_forecasts_of_2027_are_unsure() -> None:
    unsure = [row["day"] for row in load("calendar.json")["days"] if not row["is_sure"]]
    assert all(day.startswith("2027") for day in unsure)
    assert len(unsure) == 6


def test_organisations_stand_under_each_other_in_real_communes() -> None:
    known: set[str] = set()
    for row in load("organisations.json")["organisations"]:
        assert row["parent"] is None or row["parent"] in known
        assert row["commune_code"] is None or row["commune_code"] in CODES
        assert phones.normalise(row["phone"])
        known.add(row["code"])


def test_every_sector_of_a_department_exists_in_the_catalogue() -> None:
    sectors = {procedure["sector"] for procedure in PROCEDURES}
    for row in load("organisations.json")["organisations"]:
        assert set(row["sectors"]) <= sectors


def test_every_commune_has_a_province() -> None:
    provinces = {row["code"] for row in UNITS if row["kind"] == "province"}
    assert len(provinces) == 34
    communes = [row for row in UNITS if row["kind"] != "province"]
    assert len({row["code"] for row in communes}) == len(communes) == 3321
    assert {row["parent_code"] for row in communes} == provinces

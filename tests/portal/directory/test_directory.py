import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal import cli
from portal.catalogue.published import DATA
from portal.db import transaction
from portal.directory import queries
from portal.directory.importer import load_organisations, load_units
from portal.directory.models import AdministrativeUnit, Organisation, OrganisationKind
from portal.extensions import db
from tests.rig import on_both_databases
from tests.rig.queries import counted_queries

TODAY = date(2026, 11, 20)
UNITS = DATA / "administrative_units.csv"
PLACES = DATA / "organisations.json"


@pytest.fixture
def country(app: Flask) -> Iterator[None]:
    with app.app_context():
        with transaction() as session:
            load_units(session, UNITS)
            load_organisations(session, PLACES)
        yield


@on_both_databases
def test_loading_twice_changes_nothing(app: Flask) -> None:
    with app.app_context():
        for expected in (3356, 0):
            with transaction() as session:
                assert load_units(session, UNITS) == expected
        for expected in (len(organisations()), 0):
            with transaction() as session:
                assert load_organisations(session, PLACES) == expected


def organisations() -> list[dict[str, object]]:
    rows = json.loads(PLACES.read_text(encoding="utf-8"))["organisations"]
    assert isinstance(rows, list)
    return rows


def test_a_unit_that_ends_follows_the_file(country: None, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    row = "22366,Phường Nha Trang,ward,56,2025-07-01,"
    path.write_text(UNITS.read_text("utf-8").replace(row, row + "2026-12-31"), "utf-8")
    with transaction() as session:
        assert load_units(session, path) == 1
    assert queries.unit("22366", date(2026, 12, 31)) is not None
    assert queries.unit("22366", date(2027, 1, 1)) is None


def test_a_province_has_the_name_of_its_day(country: None) -> None:
    before, after = queries.unit("75", date(2026, 4, 29)), queries.unit("75", date(2026, 4, 30))
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("Tỉnh Đồng Nai", "Thành phố Đồng Nai")


@pytest.mark.parametrize("day", [date(2026, 4, 29), TODAY])
def test_the_country_has_34_provinces_on_every_day(country: None, day: date) -> None:
    assert len(queries.provinces(day)) == 34


def test_a_province_lists_its_communes(country: None) -> None:
    communes = queries.communes("56", TODAY)
    assert len(communes) == 65
    assert "Đặc khu Trường Sa" in {commune.name for commune in communes}
    assert queries.communes("99", TODAY) == []


@on_both_databases
def test_both_databases_find_the_same_communes(country: None) -> None:
    found = [commune.name for commune in queries.search_communes("Nha Trang", "56", on=TODAY)]
    assert found[0] == "Phường Nha Trang"
    assert sorted(found[1:]) == [
        "Phường Bắc Nha Trang",
        "Phường Nam Nha Trang",
        "Phường Tây Nha Trang",
    ]


@pytest.mark.parametrize(
    ("text", "province", "first"),
    [
        ("nha trang", "56", "Phường Nha Trang"),
        ("Diên Khánh", "56", "Xã Diên Khánh"),
        ("dien", "56", "Xã Diên Điền"),
        ("truong sa", None, "Đặc khu Trường Sa"),
        ("PHƯỜNG CAM RANH", "56", "Phường Cam Ranh"),
    ],
)
def test_communes_are_found_by_plain_letters(
    country: None, text: str, province: str | None, first: str
) -> None:
    assert queries.search_communes(text, province, on=TODAY)[0].name == first


@pytest.mark.parametrize("text", ["", "%", "zzzz"])
def test_words_that_mean_nothing_find_no_commune(country: None, text: str) -> None:
    assert queries.search_communes(text, on=TODAY) == []


def test_a_search_is_limited(country: None) -> None:
    assert len(queries.search_communes("tan", limit=7, on=TODAY)) == 7


def test_places_are_named_as_addresses_name_them(country: None) -> None:
    assert queries.full_name("22366", TODAY) == "Phường Nha Trang, tỉnh Khánh Hòa"
    assert queries.full_name("56", TODAY) == "Tỉnh Khánh Hòa"
    assert queries.full_name("99999", TODAY) == ""
    with counted_queries() as counted:
        names = queries.full_names(["22366", "22651", "00004"], TODAY)
    assert names["00004"] == "Phường Ba Đình, thành phố Hà Nội"
    assert len(counted) == 1


def test_organisations_stand_under_each_other(country: None) -> None:
    centre = queries.organisation("H32.10")
    assert centre is not None
    departments = queries.departments_of(centre.id)
    assert [place.code for place in departments] == ["H32.10.01", "H32.10.02", "H32.10.03"]
    assert departments[0].sectors.split("\n")[0] == "Hộ tịch"
    assert queries.organisation("H99") is None


def test_closed_offices_are_not_offered(country: None) -> None:
    with transaction():
        db.session.query(Organisation).filter_by(code="BC56-01").one().is_active = False
    codes = [place.code for place in queries.organisations(OrganisationKind.POST_OFFICE)]
    assert codes == ["BC56-02"]
    assert [place.code for place in queries.offices_near("22366")] == ["BC56-02"]


@pytest.mark.parametrize(
    ("commune", "nearest"),
    [
        ("22366", "BC56-01"),
        ("22651", "BC56-02"),
        ("22420", "BC56-01"),
        ("00004", "BC56-01"),
        (None, "BC56-01"),
    ],
)
def test_the_nearest_office_comes_first(country: None, commune: str | None, nearest: str) -> None:
    assert queries.offices_near(commune)[0].code == nearest


def test_an_organisation_follows_the_file(country: None, tmp_path: Path) -> None:
    path = tmp_path / "organisations.json"
    shutil.copy(PLACES, path)
    path.write_text(path.read_text("utf-8").replace("Bưu cục Diên Khánh", "Bưu cục Thử"), "utf-8")
    with transaction() as session:
        assert load_organisations(session, path) == 1
    office = queries.organisation("BC56-02")
    assert office is not None
    assert office.name == "Bưu cục Thử"


def test_the_operator_imports_units_and_organisations(app: Flask, tmp_path: Path) -> None:
    cli.hang(app)
    operator = app.test_cli_runner()
    assert (
        operator.invoke(args=["directory", "import", str(UNITS)]).output == "3356 rows changed.\n"
    )
    assert operator.invoke(args=["directory", "import", str(PLACES)]).output == (
        f"{len(organisations())} rows changed.\n"
    )
    broken = tmp_path / "units.csv"
    broken.write_text("code,name\n1,Không\n", encoding="utf-8")
    refused = operator.invoke(args=["directory", "import", str(broken)])
    assert refused.exit_code == 1
    with app.app_context():
        assert db.session.query(AdministrativeUnit).filter_by(name="Không").count() == 0

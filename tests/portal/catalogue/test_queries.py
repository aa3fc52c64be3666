from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from portal.catalogue import published, queries
from portal.catalogue.importer import load_procedures, load_tariffs
from portal.catalogue.models import ProcedureVersion
from portal.catalogue.published import DATA
from portal.catalogue.rules import Carriage
from portal.db import transaction
from portal.extensions import db
from tests.rig import on_both_databases
from tests.rig.queries import counted_queries

TODAY = date(2026, 11, 20)


@pytest.fixture
def country(app: Flask) -> Iterator[None]:
    with app.app_context():
        with transaction() as session:
            load_procedures(session, DATA / "procedures.json", TODAY)
            load_tariffs(session, DATA / "tariffs.json")
        yield


def codes(text: str, limit: int = 20) -> list[str]:
    return [version.procedure.code for version in queries.search(text, limit, TODAY)]


@on_both_databases
def test_both_databases_rank_alike(country: None) -> None:
    assert codes("TRÍCH LỤC")[:2] == ["2.000635", "1.000656"]
    assert codes("dang ky ho kinh doanh")[0] == "1.001612"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("trich luc", "2.000635"),
        ("TRÍCH LỤC khai sinh", "2.000635"),
        ("khai sinh", "1.001193"),
        ("giay doc than", "1.004873"),
        ("Cấp Giấy xác nhận tình trạng hôn nhân", "1.004873"),
        ("doi so do", "1.012783"),
        ("sang tên sổ đỏ", "1.013831"),
        ("bằng lái", "3.000347"),
        ("doi ten cua hang", "2.000720"),
        ("2.000720", "2.000720"),
        ("1.009122", "1.013225"),
        ("ho kinh doanh", "1.001612"),
    ],
)
def test_people_find_a_procedure_by_their_own_words(country: None, text: str, first: str) -> None:
    assert codes(text)[0] == first


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "…", "zzzz"])
def test_words_that_mean_nothing_find_nothing(country: None, text: str) -> None:
    assert codes(text) == []


def test_one_mistyped_word_does_not_empty_the_page(country: None) -> None:
    assert codes("trich lucc ho tich")[0] == "2.000635"


def test_no_more_are_found_than_asked_for(country: None) -> None:
    assert len(codes("dang ky", limit=3)) == 3


def test_a_search_costs_the_same_queries_whatever_it_finds(country: None) -> None:
    with counted_queries() as counted:
        assert len(codes("dang ky")) > 5
    assert len(counted) == 2


def test_a_procedure_not_yet_or_no_longer_in_force_is_not_found(country: None) -> None:
    with transaction():
        row = queries.in_force("1.001193", TODAY)
        assert row is not None
        row.valid_to = date(2026, 11, 19)
    assert queries.in_force("1.001193", TODAY) is None
    assert "1.001193" not in codes("khai sinh")
    assert queries.in_force("1.001193", date(2026, 11, 19)) is not None
    assert queries.in_force("1.001193", date(2025, 6, 30)) is None
    assert queries.get("1.001193") is not None
    assert queries.get("9.999999") is None


def test_a_dossier_finds_its_own_version_by_id(country: None) -> None:
    first = db.session.query(ProcedureVersion).first()
    assert first is not None
    assert queries.version(first.id) is first


def test_the_catalogue_is_listed_by_sector(country: None) -> None:
    everything = queries.listed(on=TODAY)
    assert len(everything) == 28
    papers = queries.listed("Chứng thực", TODAY)
    assert {version.procedure.sector for version in papers} == {"Chứng thực"}
    sectors = dict(queries.sectors())
    assert sectors["Hộ tịch"] == 9
    assert sum(sectors.values()) == 28
    assert next(iter(sectors)) == "Bảo trợ xã hội"


def test_postage_comes_from_the_published_table(country: None) -> None:
    assert queries.postage_of(Carriage("intra", ways=2), TODAY).low == 52000
    assert not queries.postage_of(Carriage("intra", grams=250), TODAY).is_listed


def test_transit_times_and_free_groups_are_published() -> None:
    route = published.transit_time("intra")
    assert route is not None
    assert (route.one_way_days, route.with_receipt_days) == (2, 4)
    assert published.transit_time("moon") is None
    assert [group.id for group in published.postal_exemptions()] == [
        "revolutionary",
        "heroic_mother",
    ]

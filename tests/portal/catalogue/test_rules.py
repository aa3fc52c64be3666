from dataclasses import dataclass, replace
from datetime import date

import pytest

from portal.catalogue import rules
from portal.catalogue.rules import Carriage

TODAY = date(2026, 11, 20)


@dataclass
class Paper:
    number: int
    is_required: bool


@dataclass
class Terms:
    fee_text: str = "8.000 đồng/bản sao"
    fee_amount: int | None = 8000
    fee_amount_online: int | None = None
    fee_per: str = "copy"
    fee_sureness: str = "known"


@dataclass
class Row:
    service: str
    zone: str
    price_low: int
    price_high: int
    weight_to_grams: int | None = 100
    valid_from: date = date(2025, 7, 1)
    valid_to: date | None = None
    source: str = "bảng giá niêm yết"


BY_CHANNEL = Terms(fee_amount=20000, fee_amount_online=10000, fee_per="dossier")
INTRA = Row("one_way", "intra", 26000, 30000)
INTER = Row("one_way", "inter", 30500, 31500)
REMIT = Row("fee_remittance", "any", 8000, 8000, None)
TABLE = [INTRA, INTER, REMIT]


def test_a_case_needs_the_required_papers_and_those_whose_condition_is_met() -> None:
    papers = [Paper(1, is_required=True), Paper(2, is_required=False), Paper(3, is_required=False)]
    assert [p.number for p in rules.components_needed(papers)] == [1]
    assert [p.number for p in rules.components_needed(papers, {3})] == [1, 3]


def test_nothing_beyond_the_published_list_may_be_asked_for() -> None:
    with pytest.raises(ValueError, match="no component"):
        rules.components_needed([Paper(1, is_required=True)], {9})


@pytest.mark.parametrize(
    ("terms", "case", "amount"),
    [
        (Terms(), {"units": 3}, 24000),
        (Terms(fee_per="dossier"), {"units": 3}, 8000),
        (BY_CHANNEL, {"is_online": True}, 10000),
        (BY_CHANNEL, {}, 20000),
        (Terms(), {"is_online": True}, 8000),
        (Terms(), {"units": 3, "is_exempt": True}, 0),
        (Terms(fee_amount=0), {"units": 2}, 0),
        (Terms(fee_amount=None, fee_sureness="unsure"), {"units": 2}, None),
    ],
)
def test_the_fee_follows_copies_channel_and_exemption(
    terms: Terms, case: dict[str, int], amount: int | None
) -> None:
    price = rules.fee_of(terms, **case)
    assert price.amount == amount
    assert price.is_listed == (amount is not None)
    assert (price.text, price.sureness) == (terms.fee_text, terms.fee_sureness)


@pytest.mark.parametrize(
    ("carriage", "low", "high"),
    [
        (Carriage("intra"), 26000, 30000),
        (Carriage("inter"), 30500, 31500),
        (Carriage("intra", ways=2), 52000, 60000),
        (Carriage("intra", ways=2, remits_fee=True), 60000, 68000),
        (Carriage("intra", is_exempt=True), 0, 0),
        (Carriage("intra", grams=101), None, None),
        (Carriage("intra", grams=101, ways=2, remits_fee=True), None, None),
        (Carriage("moon"), None, None),
        (Carriage("intra", ways=0), None, None),
    ],
)
def test_postage_is_the_published_price_or_none(
    carriage: Carriage, low: int | None, high: int | None
) -> None:
    price = rules.postage(carriage, TABLE, TODAY)
    assert (price.low, price.high) == (low, high)
    assert price.is_listed == (low is not None)
    assert price.sureness == ("sure" if price.is_listed else "unsure")


def test_a_range_of_prices_is_no_single_amount() -> None:
    assert rules.postage(Carriage("intra"), TABLE, TODAY).amount is None


def test_a_price_counts_only_on_its_days() -> None:
    old = replace(INTRA, price_low=20000, price_high=20000, valid_to=date(2026, 1, 1))
    new = replace(INTRA, valid_from=date(2026, 1, 2))
    assert rules.postage(Carriage("intra"), [old, new], date(2026, 1, 1)).low == 20000
    assert rules.postage(Carriage("intra"), [old, new], date(2026, 1, 2)).low == 26000
    assert not rules.postage(Carriage("intra"), [old], TODAY).is_listed


def test_the_lightest_fitting_step_is_charged() -> None:
    heavy = replace(INTRA, price_low=40000, price_high=40000, weight_to_grams=500)
    assert rules.postage(Carriage("intra"), [heavy, INTRA], TODAY).low == 26000
    assert rules.postage(Carriage("intra", grams=300), [heavy, INTRA], TODAY).low == 40000


def test_zones_are_told_by_province() -> None:
    assert rules.zone_between("56", "56") == "intra"
    assert rules.zone_between("56", "01") == "inter"
    assert rules.zone_between(None, None) == "inter"

"""Which papers a case needs and what it costs, each answer with how sure it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

INTRA, INTER, ANY_ZONE = "intra", "inter", "any"
ONE_WAY, REMITTANCE = "one_way", "fee_remittance"
LIGHT_GRAMS = 100


class Paper(Protocol):
    """What the rules must know of a component."""

    @property
    def number(self) -> int:
        """Its place in the list."""

    @property
    def is_required(self) -> bool:
        """Whether every case needs it."""


AnyPaper = TypeVar("AnyPaper", bound=Paper)


def components_needed(
    components: Iterable[AnyPaper], conditions_met: Collection[int] = ()
) -> list[AnyPaper]:
    """The papers of this case: the required ones, and those whose condition is met.

    Nothing beyond the published list may be asked for, so an unknown number is refused.
    """
    listed = list(components)
    unknown = set(conditions_met) - {paper.number for paper in listed}
    if unknown:
        raise ValueError(f"the procedure has no component {sorted(unknown)}")
    return [paper for paper in listed if paper.is_required or paper.number in conditions_met]


class FeeTerms(Protocol):
    """What the rules must know of a version's fee."""

    @property
    def fee_text(self) -> str:
        """The fee in full words."""

    @property
    def fee_amount(self) -> int | None:
        """Dong for one unit; None where it is not sure or not one number."""

    @property
    def fee_amount_online(self) -> int | None:
        """Dong when sent online, where it differs."""

    @property
    def fee_per(self) -> str:
        """What one unit is: a dossier, a copy, a page."""

    @property
    def fee_sureness(self) -> str:
        """How sure the amount is."""


@dataclass(frozen=True)
class Price:
    """An amount in dong, or the words that must stand instead of one."""

    low: int | None
    high: int | None
    text: str
    sureness: str

    @property
    def amount(self) -> int | None:
        """The amount, when it is one number."""
        return self.low if self.low == self.high else None

    @property
    def is_listed(self) -> bool:
        """Whether an amount may be shown at all."""
        return self.low is not None


def fee_of(
    terms: FeeTerms, *, units: int = 1, is_online: bool = False, is_exempt: bool = False
) -> Price:
    """The State's fee of a case; `units` counts copies or pages where the fee is for each."""
    if is_exempt:
        return Price(0, 0, terms.fee_text, terms.fee_sureness)
    each = terms.fee_amount
    if is_online and terms.fee_amount_online is not None:
        each = terms.fee_amount_online
    total = None if each is None else each * (1 if terms.fee_per == "dossier" else units)
    return Price(total, total, terms.fee_text, terms.fee_sureness)


class Listed(Protocol):
    """What the rules must know of a published price of the post."""

    service: str
    zone: str
    weight_to_grams: int | None
    price_low: int
    price_high: int
    valid_from: date
    valid_to: date | None
    source: str


def zone_between(from_province: str | None, to_province: str | None) -> str:
    """Inside one province or between two; a place nobody knows counts as another province."""
    return INTRA if from_province and from_province == to_province else INTER


@dataclass(frozen=True)
class Carriage:
    """What the post is asked to do for one dossier."""

    zone: str
    ways: int = 1
    grams: int = LIGHT_GRAMS
    remits_fee: bool = False
    is_exempt: bool = False


def postage(carriage: Carriage, tariffs: Sequence[Listed], on: date) -> Price:
    """The price of the post by the published table; both ways cost the sum of both.

    A weight, zone or day that the table does not list has no price, and the page says so.
    """
    ways = _listed(tariffs, ONE_WAY, carriage.zone, carriage.grams, on)
    parts = [ways] * carriage.ways
    if carriage.remits_fee:
        parts.append(_listed(tariffs, REMITTANCE, ANY_ZONE, None, on))
    found = [part for part in parts if part is not None]
    source = "; ".join(dict.fromkeys(part.source for part in found))
    if carriage.is_exempt:
        return Price(0, 0, source, "sure")
    if not parts or len(found) < len(parts):
        return Price(None, None, "", "unsure")
    low, high = (sum(p.price_low for p in found), sum(p.price_high for p in found))
    return Price(low, high, source, "sure")


def _listed(
    tariffs: Sequence[Listed], service: str, zone: str, grams: int | None, on: date
) -> Listed | None:
    fitting = [
        row
        for row in tariffs
        if (row.service, row.zone) == (service, zone)
        and row.valid_from <= on
        and (row.valid_to is None or on <= row.valid_to)
        and (grams is None or row.weight_to_grams is None or grams <= row.weight_to_grams)
    ]
    return min(fitting, key=lambda row: row.weight_to_grams or 0, default=None)

"""How long and how much, in sentences; what is not verified says so and never reads as law."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.catalogue.models import ProcedureVersion, Sureness, TimeUnit
from portal.catalogue.published import transit_time
from portal.catalogue.rules import INTER, INTRA, Price
from vietnam.money import dong

UNITS = {
    TimeUnit.WORKING_HOUR: "giờ làm việc",
    TimeUnit.WORKING_DAY: "ngày làm việc",
    TimeUnit.CALENDAR_DAY: "ngày",
    TimeUnit.MONTH: "tháng",
}


def time_of(version: ProcedureVersion) -> str:
    """The statutory time in a few words; "" where no time is known."""
    if version.time_value is None or version.time_unit is None:
        return ""
    if version.time_unit is TimeUnit.SAME_DAY:
        if version.time_cutoff:
            return _(
                "Trong ngày; tiếp nhận sau %(hour)s thì ngày làm việc tiếp theo",
                hour=version.time_cutoff,
            )
        return _("Trong ngày làm việc")
    return f"{version.time_value} {UNITS[version.time_unit]}"


def is_unsure(sureness: Sureness) -> bool:
    """Whether a fact must carry the words "chưa xác minh"."""
    return sureness is Sureness.UNSURE


def price_of(price: Price) -> str:
    """An amount, a span, or that none was published."""
    if price.low is None or price.high is None:
        return _("chưa niêm yết")
    if price.amount is not None:
        return dong(price.amount)
    return f"{dong(price.low)} – {dong(price.high)}"


@dataclass(frozen=True)
class RoadTime:
    """How long papers are on the road between a home and the agency, one way."""

    days: int | None
    source: str

    @property
    def text(self) -> str:
        """“trong 2 ngày làm việc”, or that nothing was published."""
        if self.days is None:
            return _("chưa niêm yết")
        return _("trong %(days)s ngày làm việc", days=self.days)


def road_time(zone: str) -> RoadTime:
    """The longest time one way, by the published commitment of the post."""
    row = transit_time({INTRA: "intra", INTER: "inter"}.get(zone, zone))
    if row is None or is_unsure(Sureness(row.sureness)):
        return RoadTime(None, "")
    return RoadTime(row.one_way_days, row.source)


def end_to_end(version: ProcedureVersion, zone: str, ways: int) -> int | None:
    """Working days from the post's hands and back, or None where a part is not known."""
    road = road_time(zone).days
    if road is None or is_unsure(version.time_sureness):
        return None
    if version.time_unit is TimeUnit.SAME_DAY:
        return road * ways + 1
    if version.time_unit is TimeUnit.WORKING_DAY and version.time_value is not None:
        return road * ways + version.time_value
    return None

"""The figures add up, agree with their lists, and with a count by hand."""

from datetime import datetime, timedelta

import pytest

from portal.access import Actor, Role
from portal.dossiers.lifecycle import CLOCK_PAUSED, Status
from portal.dossiers.models.dossier import Channel, Dossier, DossierEvent
from portal.dossiers.standing import Present, RowStanding, present, standing_of
from portal.extensions import db
from portal.reports import figures, queries
from portal.reports.periods import Period, month_of
from tests.factories.office import FRIDAY, Office
from tests.rig import on_both_databases

NOW = FRIDAY + timedelta(days=40)
ENDS = (Status.RESOLVED, Status.WITHDRAWN, Status.STOPPED)


def lay(office: Office) -> None:
    """Dossiers of every state, channel and several months, some of them late."""
    sent = [status for status in Status if status is not Status.DRAFT]
    for number, status in enumerate(sent * 2):
        at = FRIDAY - timedelta(days=11 * number % 90)
        channel = (Channel.ONLINE, Channel.DIRECT, Channel.POST)[number % 3]
        office.dossier(status, at=at, channel=channel, pace=timedelta(days=number % 9))


def periods_to_try() -> list[Period]:
    months = [month_of((FRIDAY - timedelta(days=30 * back)).date()) for back in range(4)]
    return [*months, Period(months[-1].first, months[0].last)]


@on_both_databases
def test_carried_over_and_received_equal_done_and_pending(office: Office) -> None:
    lay(office)
    leader, control = office.actor(Role.LEADER), office.actor(Role.CONTROL)
    with office.inside():
        at = present(NOW)
        for period in periods_to_try():
            for actor in (leader, control):
                found = queries.numbers(actor, period, at)
                assert found["ky-truoc"] + found["tiep-nhan"] == found["da-xong"] + found["con-lai"]
                endings = [figure.key for figure in figures.ENDINGS]
                assert sum(found[key] for key in endings) == found["da-xong"]
                channels = [figure.key for figure in figures.CHANNELS]
                assert sum(found[key] for key in channels) == found["tiep-nhan"]


@on_both_databases
def test_figures_agree_with_a_count_by_hand(office: Office) -> None:
    lay(office)
    control = office.actor(Role.CONTROL)
    with office.inside():
        at = present(NOW)
        for period in periods_to_try():
            by_hand = counted_by_hand(period)
            found = queries.numbers(control, period, at)
            assert {key: found[key] for key in by_hand} == by_hand


def counted_by_hand(period: Period) -> dict[str, int]:
    """The same, in plain loops over all rows."""
    numbers = dict.fromkeys(("ky-truoc", "tiep-nhan", "da-xong", "con-lai", "tre-han"), 0)
    for dossier in db.session.query(Dossier):
        if dossier.accepted_at is None:
            continue
        ended = ended_at(dossier)
        numbers["tiep-nhan"] += period.start <= dossier.accepted_at < period.end
        was_open_at_start = ended is None or ended >= period.start
        numbers["ky-truoc"] += dossier.accepted_at < period.start and was_open_at_start
        numbers["da-xong"] += ended is not None and period.start <= ended < period.end
        is_open_at_end = ended is None or ended >= period.end
        numbers["con-lai"] += dossier.accepted_at < period.end and is_open_at_end
        finished, due = dossier.finished_at, dossier.due_at
        if finished and due and period.start <= finished < period.end:
            numbers["tre-han"] += finished > due
    return numbers


def ended_at(dossier: Dossier) -> datetime | None:
    events = db.session.query(DossierEvent).filter_by(dossier_id=dossier.id)
    return min((event.at for event in events if event.to_status in ENDS), default=None)


@on_both_databases
def test_each_number_is_as_long_as_the_list_it_leads_to(office: Office) -> None:
    lay(office)
    leader = office.actor(Role.LEADER)
    with office.inside():
        at, period = present(NOW), periods_to_try()[-1]
        found = queries.numbers(leader, period, at)
        for key, figure in figures.ALL.items():
            page = queries.dossiers(
                leader, queries.Narrowed(figure), period, at, after="", before=""
            )
            assert len(page.rows) == min(found[key], 20), key
        for share in queries.shares(leader, period, at):
            for figure in queries.BREAKDOWN:
                narrowed = queries.Narrowed(figure, procedure=share.query["thu-tuc"])
                page = queries.dossiers(leader, narrowed, period, at, after="", before="")
                assert len(page.rows) == min(share.numbers[figure.key], 20)


@on_both_databases
def test_months_and_statuses_count_every_dossier_once(office: Office) -> None:
    lay(office)
    control = office.actor(Role.CONTROL)
    with office.inside():
        report = queries.report(control, month_of(FRIDAY.date()), present(FRIDAY))
        everything = db.session.query(Dossier).all()
        assert sum(report.statuses.values()) == len(everything)
        accepted = [one for one in everything if one.accepted_at]
        assert sum(month.accepted for month in report.months) == len(accepted)
        finished = [one for one in everything if one.finished_at]
        assert sum(month.resolved for month in report.months) == len(finished)
        assert {share.name for share in report.shares} == {"service_centre H32.10"}


@pytest.mark.parametrize("days", [0, 3, 40])
def test_a_row_says_the_same_as_the_figure_that_counts_it(office: Office, days: int) -> None:
    lay(office)
    control = office.actor(Role.CONTROL)
    with office.inside():
        at = present(FRIDAY + timedelta(days=days))
        found = queries.numbers(control, month_of(FRIDAY.date()), at)
        said = [standing_of(dossier, at) for dossier in db.session.query(Dossier)]
        assert found["qua-han"] == said.count(RowStanding.OVERDUE)
        assert found["sap-den-han"] == said.count(RowStanding.DUE_SOON)
        assert found["cho-cong-dan"] == said.count(RowStanding.PAUSED)
        paused = db.session.query(Dossier).filter(Dossier.status.in_(CLOCK_PAUSED))
        assert found["cho-cong-dan"] == paused.count()


def test_due_soon_ends_with_the_second_working_day(office: Office) -> None:
    """From Friday over the weekend and the day off of 24 November to Wednesday evening."""
    with office.inside():
        assert f"{present(FRIDAY).soon:%H:%M %d/%m}" == "17:00 25/11"


def test_nobody_counts_what_he_may_not_see(office: Office) -> None:
    lay(office)
    strangers = [
        office.actor(Role.LEADER, office.world.other_department),
        office.actor(Role.ADMIN),
        office.actor(Role.AUDITOR),
    ]
    with office.inside():
        at = present(NOW)
        for stranger in strangers:
            assert is_empty(stranger, at)


def is_empty(actor: Actor, at: Present) -> bool:
    report = queries.report(actor, month_of(FRIDAY.date()), at)
    nothing = not report.statuses and not report.shares
    return nothing and not any(report.numbers.values()) and report.on_time_rate is None

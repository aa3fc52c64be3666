"""What a leader and the control of a province see: figures, and the list behind each."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access import Role, the_actor
from portal.dossiers.lifecycle import Status
from portal.dossiers.standing import present
from portal.reports import figures, periods, queries
from portal.reports.periods import Period, PeriodRefused


def overview() -> ResponseReturnValue:
    """The present, a period's balance, channels, months, and who has how much."""
    now = clock.now()
    period, refused = _period()
    return (
        render_template(
            "reports/leader/overview.html",
            report=queries.report(the_actor(), period, present(now)),
            figures=figures,
            breakdown=queries.BREAKDOWN,
            period=period,
            refused=refused,
            presets=_presets(),
            typed=request.args,
            now=now,
        ),
        422 if refused else 200,
    )


def index() -> ResponseReturnValue:
    """The dossiers behind a number."""
    actor = the_actor()
    period, _refused = _period()
    narrowed = _narrowed()
    page = queries.dossiers(
        actor,
        narrowed,
        period,
        present(clock.now()),
        after=request.args.get("sau", ""),
        before=request.args.get("truoc", ""),
    )
    return render_template(
        "reports/leader/index.html",
        page=page,
        narrowed=narrowed,
        period=period,
        is_of_period=narrowed.status is None
        and narrowed.figure not in (*figures.NOW, figures.OPEN),
        may_open=actor.role is Role.LEADER,
    )


def _period() -> tuple[Period, PeriodRefused | None]:
    """The period asked for; a wrong one is said beside its field, and this month shown instead."""
    today = clock.today()
    try:
        return periods.read(request.args.get("tu", ""), request.args.get("den", ""), today), None
    except PeriodRefused as refused:
        return periods.month_of(today), refused


def _presets() -> list[tuple[str, Period]]:
    today = clock.today()
    return [
        (_("Tháng này"), periods.month_of(today)),
        (_("Tháng trước"), periods.last_months(today, 2)[0]),
        (_("Quý này"), periods.quarter_of(today)),
        (_("Năm nay"), periods.year_of(today)),
    ]


def _narrowed() -> queries.Narrowed:
    statuses = {str(status.number): status for status in Status if status is not Status.DRAFT}
    return queries.Narrowed(
        figure=figures.ALL.get(request.args.get("so", ""), figures.OPEN),
        status=statuses.get(request.args.get("tinh-trang", "")),
        unit=request.args.get("don-vi", "")[:24],
        procedure=request.args.get("thu-tuc", "")[:20],
    )

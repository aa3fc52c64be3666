"""The legal clock of one dossier: when it is due, why, and whether it stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from portal.calendar.queries import working_calendar
from portal.catalogue.models import ProcedureVersion
from portal.dossiers import deadlines
from portal.dossiers.deadlines import Due, Pause, Standing, TimeLimit, Unit
from portal.dossiers.lifecycle import CLOCK_PAUSED, CLOCK_RUNS
from portal.dossiers.models.dossier import Dossier

PAUSE_REASONS = {
    "supplement": "chờ người nộp bổ sung giấy tờ",
    "payment": "chờ người nộp thực hiện nghĩa vụ tài chính",
}


@dataclass(frozen=True)
class ClockView:
    """What a page says about the clock; `due` is None where the law's time is not verified."""

    due: Due | None
    standing: Standing | None
    paused_since: datetime | None
    paused_reason: str
    has_started: bool

    @property
    def due_at(self) -> datetime | None:
        """The moment, or None."""
        return self.due.at if self.due else None

    @property
    def explanation(self) -> str:
        """One sentence that says how the moment was reckoned."""
        return self.due.explanation if self.due else ""


def time_limit(version: ProcedureVersion) -> TimeLimit | None:
    """The statutory time of a version, or None where it is not known."""
    if version.time_unit is None or version.time_value is None:
        return None
    cutoff = time.fromisoformat(version.time_cutoff) if version.time_cutoff else None
    return TimeLimit(version.time_value, Unit(version.time_unit.value), cutoff)


def due_from(
    version: ProcedureVersion, start: datetime, pauses: tuple[Pause, ...] = ()
) -> Due | None:
    """When a dossier that starts at `start` is due."""
    limit = time_limit(version)
    if limit is None:
        return None
    return deadlines.due(start, limit, working_calendar(), pauses)


def clock_of(dossier: Dossier, now: datetime) -> ClockView:
    """The clock as it stands now; an open pause pushes the date while it lasts."""
    open_pause = next((pause for pause in dossier.pauses if pause.ended_at is None), None)
    paused_since = open_pause.started_at if open_pause else None
    reason = PAUSE_REASONS.get(open_pause.kind, "") if open_pause else ""
    if dossier.received_at is None or dossier.accepted_at is None:
        return ClockView(None, None, paused_since, reason, has_started=False)
    pauses = tuple(Pause(pause.started_at, pause.ended_at or now) for pause in dossier.pauses)
    due = due_from(dossier.procedure_version, dossier.received_at, pauses)
    standing = None
    counts = dossier.status in CLOCK_RUNS | CLOCK_PAUSED or dossier.finished_at is not None
    if due is not None and counts:
        standing = deadlines.standing(now, due.at, working_calendar(), dossier.finished_at)
    return ClockView(due, standing, paused_since, reason, has_started=True)

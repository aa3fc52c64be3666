"""The control sheet: one line for each time the dossier changes hands."""

from __future__ import annotations

from datetime import datetime

from portal.dossiers.models.control_sheet import ControlSheetLine
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db


def hand_over(
    dossier: Dossier,
    giver: tuple[str, str],
    taker: tuple[str, str],
    *,
    at: datetime,
    bill_no: str = "",
    note: str = "",
) -> ControlSheetLine:
    """Write who gave the dossier to whom; `giver` and `taker` are (place, name)."""
    standing = ""
    if dossier.due_at is not None:
        judged = min(at, dossier.finished_at or at)  # the road home is not the agency's delay
        standing = "overdue" if judged > dossier.due_at else "on_time"
    line = ControlSheetLine(
        dossier_id=dossier.id,
        giver_place=giver[0],
        giver_name=giver[1],
        taker_place=taker[0],
        taker_name=taker[1],
        at=at,
        bill_no=bill_no,
        standing=standing,
        note=note,
    )
    db.session.add(line)
    return line

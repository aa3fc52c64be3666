"""Which files the post may open, and how long: it carries papers, not their content.

What the agency decided is never opened by the post, nor what a citizen sent from home or an officer
added. What is left is what this post office scanned itself – the office, not the one clerk: a
colleague takes the counter over, counts the envelope again, scans a bad page anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from portal.access import Actor, Role
from portal.documents.models import DocumentFile, DocumentPurpose
from portal.dossiers.lifecycle import ENDED_EARLY
from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.errors import Forbidden
from portal.extensions import db

POSTAL = frozenset({Role.POSTAL_CLERK, Role.POSTAL_SUPERVISOR})
# The post processes data for the agency: a day for mistakes found after the hand-over, no more.
AFTERWARDS = timedelta(hours=24)
GIVEN_ON = frozenset({Holder.AGENCY, Holder.APPLICANT})


def must_be_open_to(actor: Actor, file: DocumentFile, dossier: Dossier, now: datetime) -> None:
    """Refuse the post what it did not scan, and its scans a day after it was done with them."""
    if actor.role not in POSTAL:
        return
    if not is_of_post(file, dossier):
        raise Forbidden(
            _(
                "Bưu điện chỉ mở tệp do chính bưu cục quét; kết quả và tệp do người nộp"
                " hoặc cơ quan gửi thì không mở."
            )
        )
    if now > _last(file, endings(dossier)) + AFTERWARDS:
        raise Forbidden(
            _(
                "Giấy tờ trong tệp này đã rời bưu điện, hoặc hồ sơ đã kết thúc, quá 24 giờ: bưu"
                " điện chỉ còn xem được trạng thái và nơi giữ giấy tờ, không mở tệp."
            )
        )


def open_to_post(dossier: Dossier, now: datetime) -> frozenset[int]:
    """The ids of those files of a dossier, loaded with its papers, that the post may open."""
    ends = endings(dossier)
    return frozenset(
        file.id
        for paper in dossier.documents
        for file in paper.files
        if is_of_post(file, dossier) and now <= _last(file, ends) + AFTERWARDS
    )


def is_of_post(file: DocumentFile, dossier: Dossier) -> bool:
    """Whether somebody scanned it at the counter of the dossier's post office."""
    is_scan = file.taken_place_id is not None and file.taken_place_id == dossier.post_office_id
    return is_scan and file.document.purpose is not DocumentPurpose.OUTCOME


def endings(dossier: Dossier) -> list[datetime]:
    """When the post's work on papers of this dossier ended: they were given on, or it was over."""
    over = [dossier.received_at, dossier.finished_at]
    if not any(over) and not dossier.is_ended_early:
        return []  # the road to the agency is not over: nothing was given on
    given = select(CustodyLine.since).where(
        CustodyLine.dossier_id == dossier.id, CustodyLine.holder.in_(GIVEN_ON)
    )
    stopped = select(DossierEvent.at).where(
        DossierEvent.dossier_id == dossier.id, DossierEvent.to_status.in_(ENDED_EARLY)
    )
    over += db.session.scalars(given.union_all(stopped)).all()
    return [moment for moment in over if moment is not None]


def _last(file: DocumentFile, ends: Sequence[datetime]) -> datetime:
    """When the papers of this scan were done with; the end of time while they are not."""
    after = [moment for moment in ends if moment >= file.taken_at]
    return min(after) if after else datetime.max.replace(tzinfo=file.taken_at.tzinfo) - AFTERWARDS

"""Drafts that nobody goes on with: their owner is told when they go, then they go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select, update

from portal import retention
from portal.accounts.models import User
from portal.db import transaction
from portal.dossiers import messages
from portal.dossiers.erasing import erase_draft
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.outbox import promise
from portal.retention import What

AT_ONCE = 100
WHY = "age"
TOUCHED: ColumnElement[datetime] = func.coalesce(Dossier.touched_at, Dossier.created_at)


def goes_at(draft: Dossier, now: datetime) -> datetime:
    """When a draft goes unless it is touched: never sooner than its owner had time to come back."""
    touched = draft.touched_at or draft.created_at
    told = draft.warned_at if draft.warned_at and draft.warned_at >= touched else now
    left = retention.kept(What.DRAFT, now.date())
    return max(touched + left, told + retention.kept(What.DRAFT_TOLD, now.date()))


def sweep(now: datetime) -> int:
    """Tell the owners of drafts that will go soon, erase those whose time is over; how many went.

    A few at a time, so that nobody waits.
    """
    while _tell(now) == AT_ONCE:
        pass
    gone = 0
    while found := _erase(now):
        gone += found
    return gone


def _tell(now: datetime) -> int:
    left = retention.kept(What.DRAFT, now.date()) - retention.kept(What.DRAFT_TOLD, now.date())
    is_untold = or_(Dossier.warned_at.is_(None), Dossier.warned_at < TOUCHED)
    with transaction():
        told = 0
        for draft in _drafts(now - left >= TOUCHED, is_untold):
            told += 1
            # Not a change of the draft: a page that shows it stays good.
            db.session.execute(
                update(Dossier)
                .where(Dossier.id == draft.id)
                .values(warned_at=now)
                .execution_options(synchronize_session=False)
            )
            _write_to_owner(draft, goes_at(draft, now))
    return told


def _erase(now: datetime) -> int:
    since = now - retention.kept(What.DRAFT, now.date())
    told_by = now - retention.kept(What.DRAFT_TOLD, now.date())
    is_told = (Dossier.warned_at >= TOUCHED) & (Dossier.warned_at <= told_by)
    with transaction():
        gone = 0
        for draft in _drafts(since >= TOUCHED, is_told):
            erase_draft(draft, by=None, at=now, why=WHY)
            gone += 1
    return gone


def _drafts(*conditions: ColumnElement[bool]) -> Iterator[Dossier]:
    """Some that fit, locked; one at which somebody is just writing has its turn another day."""
    query = select(Dossier).where(Dossier.status == Status.DRAFT, *conditions).limit(AT_ONCE)
    yield from db.session.scalars(query.with_for_update(of=Dossier, skip_locked=True)).all()


def _write_to_owner(draft: Dossier, goes: datetime) -> None:
    owner = db.session.get(User, draft.applicant_id) if draft.applicant_id else None
    if owner is None or not owner.is_active or "@" not in owner.email:
        return
    # Plainly: what Flask lays beside a page for its reader needs a request, and here is none.
    body = current_app.jinja_env.get_template("dossiers/messages/draft.txt").render(
        dossier=draft,
        goes=goes,
        site=current_app.config["SETTINGS"].public_url,
    )
    promise(
        "mail",
        owner.email,
        _("Bản nháp của Ông/Bà sẽ bị xoá ngày %(day)s", day=f"{goes:%d/%m/%Y}"),
        body,
        event_key=messages.key_of_draft(draft),
    )

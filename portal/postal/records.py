"""Finds hand-over records of either side, and the envelopes that can go on one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from portal.access import Actor, Role
from portal.directory.models import Organisation
from portal.dossiers import openings
from portal.dossiers.lifecycle import UNDECIDED
from portal.dossiers.models.dossier import Dossier
from portal.errors import NotFound
from portal.extensions import db
from portal.paging import numbers_of, oldest_first
from portal.postal.lifecycle import Direction, HandoverState, ItemState
from portal.postal.models import Handover, HandoverLine, PostalItem
from portal.postal.queries import light

MOST_ON_ONE_RECORD = 50
PAGE = 20  # of records, or of envelopes: scanned codes need no row to be ticked


@dataclass(frozen=True)
class Records:
    """Some hand-over records, each with its number of lines, and the mark of what follows."""

    rows: list[tuple[Handover, int]]
    more: str | None = None


@dataclass(frozen=True)
class Envelopes:
    """Some envelopes that can go on a record, and the mark of what follows."""

    rows: list[PostalItem]
    more: str | None = None


def get_handover(public_id: str, *, for_: Actor, lock: bool = False) -> Handover:
    """One record with its lines, for the two sides that sign it and nobody else."""
    query = (
        select(Handover)
        .where(Handover.public_id == public_id, _side(for_))
        .options(joinedload(Handover.giver_place), joinedload(Handover.taker_place), _lines())
    )
    if lock:
        query = query.with_for_update(of=Handover)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    openings.note(*[line.item.dossier for line in found.lines])
    return found


def _side(actor: Actor) -> Any:
    if actor.role is Role.ONESTOP_OFFICER:
        return Handover.taker_place_id == actor.place_id
    return Handover.giver_place_id == actor.place_id


def _lines() -> Any:
    items = selectinload(Handover.lines).joinedload(HandoverLine.item)
    return light(items.joinedload(PostalItem.dossier))


def proposed(actor: Actor, after: str = "") -> Records:
    """Records that wait for the agency's count, oldest first."""
    waiting = _records(actor).where(Handover.state == HandoverState.PROPOSED)
    page = oldest_first(waiting, Handover, after, size=PAGE)
    return Records(_counted(page.rows), page.newer)


def closed(actor: Actor) -> Records:
    """The last records that were signed or given up."""
    lasts = [
        select(Handover.id)
        .where(_side(actor), Handover.state == state)
        .order_by(Handover.id.desc())
        .limit(PAGE)
        for state in (HandoverState.SIGNED, HandoverState.VOID)
    ]
    query = _records(actor).where(Handover.id.in_(numbers_of(lasts)))
    found = db.session.scalars(query.order_by(Handover.id.desc()).limit(PAGE))
    return Records(_counted(found.all()))


def _records(actor: Actor) -> Select[Any]:
    return (
        select(Handover)
        .where(_side(actor))
        .options(joinedload(Handover.giver_place), joinedload(Handover.taker_place))
    )


def _counted(rows: Sequence[Handover]) -> list[tuple[Handover, int]]:
    counted = db.session.execute(
        select(HandoverLine.handover_id, func.count())
        .where(HandoverLine.handover_id.in_([row.id for row in rows]))
        .group_by(HandoverLine.handover_id)
    )
    counts: dict[int, int] = {row[0]: row[1] for row in counted}
    return [(row, counts.get(row.id, 0)) for row in rows]


def ready(
    actor: Actor, unit_id: int, *, ticked: Collection[str] = (), after: str = ""
) -> Envelopes:
    """Sealed envelopes of this office on no unsigned record, oldest first.

    What the address or a refused form has ticked stands on every piece.
    """
    query = sealed(actor).where(Dossier.receiving_unit_id == unit_id)
    query = query.options(light(contains_eager(PostalItem.dossier)))
    chosen: list[PostalItem] = []
    if ticked:
        is_ticked = PostalItem.public_id.in_(sorted(ticked)[:MOST_ON_ONE_RECORD])
        chosen = list(db.session.scalars(query.where(is_ticked).order_by(PostalItem.id)))
    page = oldest_first(query, PostalItem, after, PostalItem.sealed_at, size=PAGE)
    others = [item for item in page.rows if item not in chosen]
    return Envelopes([*chosen, *others], page.newer)


def sealed(actor: Actor) -> Select[Any]:
    """The sealed envelopes of an office that no unsigned record names."""
    taken = (
        select(HandoverLine.id)
        .join(HandoverLine.handover)
        .where(HandoverLine.item_id == PostalItem.id, Handover.state == HandoverState.PROPOSED)
    )
    return (
        select(PostalItem)
        .join(PostalItem.dossier)
        .where(
            PostalItem.post_office_id == actor.place_id,
            PostalItem.direction == Direction.TO_AGENCY,
            PostalItem.state == ItemState.SEALED,
            Dossier.status.in_(UNDECIDED),
            ~taken.exists(),
        )
    )


def units_with_ready(actor: Actor) -> list[tuple[Organisation, int]]:
    """The service centres for which sealed envelopes wait, with their number."""
    ready_rows = sealed(actor).with_only_columns(
        Dossier.receiving_unit_id.label("unit_id"), func.count().label("number")
    )
    counted = ready_rows.group_by(Dossier.receiving_unit_id).subquery()
    query = (
        select(Organisation, counted.c.number)
        .join(counted, counted.c.unit_id == Organisation.id)
        .order_by(Organisation.name)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def lock_items(public_ids: list[str], codes: list[str], *, for_: Actor) -> list[PostalItem]:
    """The named envelopes of this office, locked in one order so that two clerks cannot cross."""
    wanted = PostalItem.public_id.in_(public_ids) | PostalItem.code.in_(codes)
    query = (
        select(PostalItem)
        .where(PostalItem.post_office_id == for_.place_id, wanted)
        .options(_dossier())
        .order_by(PostalItem.id)
        .with_for_update(of=PostalItem)
    )
    return list(db.session.scalars(query))


def _dossier() -> Any:
    return light(joinedload(PostalItem.dossier))

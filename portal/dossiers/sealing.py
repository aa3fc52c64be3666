"""Seals an ended dossier away from every desk: kept for the archive, read by nobody else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, select, update

from portal.audit.services import record
from portal.db import Base
from portal.documents.erasing import erase_readings
from portal.dossiers.lifecycle import ENDED_EARLY, FINAL, Status
from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.models.sealed import SealedDossier
from portal.extensions import db

# Plain words of or about the person, by table; what identifies by number is encrypted already.
WORDS: dict[str, tuple[str, ...]] = {
    "dossiers": ("applicant_name", "applicant_folded", "email", "address", "return_address"),
    "dossier_events": ("actor_name", "sentence", "reason", "detail"),
    "control_sheet_lines": ("giver_name", "taker_name", "note"),
    "custody_lines": ("name",),
    "supplement_requests": ("items", "reason"),
    "refusals": ("reason",),
    "outcomes": ("number", "summary"),
    "documents": ("title",),
    "document_files": ("name", "taken_by_name", "signatures"),
    "pickups": ("address", "note", "missed_reason"),
    "postal_items": ("papers", "override_reason"),
    "deliveries": ("recipient_name", "paper_checked", "note"),
    "handover_lines": ("note",),
}
# By these a person is found; nobody is to find him here any more.
INDEXES: dict[str, tuple[str, ...]] = {
    "dossiers": ("citizen_number_index", "phone_index", "lookup_key_index", "lookup_key_sealed"),
    "pickups": ("phone_index",),
}


@dataclass(frozen=True)
class Opened:
    """A sealed dossier with its words, as the archive reads it; the words are by table and row."""

    sealed: SealedDossier
    words: dict[str, dict[str, dict[str, Any]]]

    def of(self, table: str, row_id: int) -> dict[str, Any]:
        """The words of one row."""
        return self.words.get(table, {}).get(str(row_id), {})


def is_under_way(dossier: Dossier) -> bool:
    """Whether an agency or the post still has something to do with it, or papers to bring home."""
    return bool(under_way_among([dossier]))


def under_way_among(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """Those that are under way; what lies with whom is asked once for all."""
    ended = [dossier.id for dossier in dossiers if dossier.status in FINAL]
    held = select(CustodyLine.dossier_id, CustodyLine.holder).where(
        CustodyLine.dossier_id.in_(ended), CustodyLine.until.is_(None)
    )
    lying = {(number, holder) for number, holder in db.session.execute(held)}
    return [dossier for dossier in dossiers if _is_under_way(dossier, lying)]


def _is_under_way(dossier: Dossier, lying: set[tuple[int, Holder]]) -> bool:
    """With a result the agency keeps the papers; without one they go home."""
    if dossier.status not in FINAL:
        return dossier.status is not Status.DRAFT
    is_at_agency = dossier.status in ENDED_EARLY and (dossier.id, Holder.AGENCY) in lying
    return is_at_agency or (dossier.id, Holder.POST) in lying


def seal(dossier: Dossier, *, at: datetime) -> SealedDossier:
    """Take its words and its place away; what was read out of its papers is erased for good."""
    assert not is_under_way(dossier)
    number = dossier.id
    erase_readings(number, at=at)
    sealed = SealedDossier(
        dossier_id=number,
        receiving_unit_id=dossier.receiving_unit_id,
        department_id=dossier.department_id,
        post_office_id=dossier.post_office_id,
        sealed_at=at,
    )
    sealed.content = json.dumps(_take_words(number), ensure_ascii=False)
    db.session.add(sealed)
    record("dossier:seal", dossier, by=None, dossier_id=number)
    dossier.receiving_unit_id = dossier.department_id = dossier.post_office_id = None
    dossier.officer_id = dossier.applicant_id = dossier.submitted_by_id = None
    db.session.flush()
    return sealed


def find(code: str, department_id: int | None) -> Opened | None:
    """The sealed dossier of this code, if it was of this department; of none is nobody's."""
    if department_id is None:
        return None
    query = select(SealedDossier).join(SealedDossier.dossier)
    of_place = (Dossier.code == code) & (SealedDossier.department_id == department_id)
    sealed = db.session.scalar(query.where(of_place))
    return None if sealed is None else Opened(sealed, json.loads(sealed.content or "{}"))


def _take_words(dossier_id: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Read all words, then empty their columns."""
    db.session.flush()
    taken: dict[str, dict[str, dict[str, Any]]] = {}
    for name, columns in WORDS.items():
        table = Base.metadata.tables[name]
        condition = _of_dossier(table, dossier_id)
        rows = db.session.execute(
            select(table.c.id, *(table.c[column] for column in columns)).where(condition)
        )
        taken[name] = {str(row[0]): dict(zip(columns, row[1:], strict=True)) for row in rows}
        empty = {column: _nothing(table, column) for column in columns}
        empty |= dict.fromkeys(INDEXES.get(name, ()))
        db.session.execute(update(table).where(condition).values(empty))
    db.session.expire_all()
    return taken


def _of_dossier(table: Table, dossier_id: int) -> ColumnElement[bool]:
    """The rows of a table that belong to a dossier: directly, by their paper, by their envelope."""
    tables = Base.metadata.tables
    if table.name == "dossiers":
        return table.c.id == dossier_id
    if "dossier_id" in table.c:
        return table.c.dossier_id == dossier_id
    parent, key = ("documents", "document_id") if "document_id" in table.c else _ENVELOPE
    owner = tables[parent]
    return table.c[key].in_(select(owner.c.id).where(owner.c.dossier_id == dossier_id))


_ENVELOPE = ("postal_items", "item_id")


def _nothing(table: Table, name: str) -> object:
    """What an empty column of this kind holds."""
    found = table.c[name]
    if isinstance(found.type, JSON):
        return {} if name == "detail" else []
    return None if found.nullable else ""

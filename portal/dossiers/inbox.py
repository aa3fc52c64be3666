"""The inbox of an office: each dossier under exactly one tab, the most pressing on top."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import joinedload

from portal.access import Actor
from portal.accounts.models import User
from portal.catalogue.models import Procedure, ProcedureVersion
from portal.clock import ZONE
from portal.dossiers.desks import DESKS, Tab
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import scope, visible
from portal.dossiers.standing import (
    Present,
    RowStanding,
    is_due_soon,
    is_overdue,
    standing_of,
)
from portal.extensions import db

PAGE_SIZE = 20
NEVER = datetime(9000, 1, 1, tzinfo=ZONE)  # sorts dossiers without a due date last
FIRST_YEAR = 2000


class DueFilter(enum.StrEnum):
    """Which due dates to show."""

    OVERDUE = "qua-han"
    SOON = "sap-den-han"


@dataclass(frozen=True)
class Filters:
    """What the person narrowed the list to; everything unknown in an address is left out."""

    status: Status | None = None
    procedure: str = ""
    due: DueFilter | None = None

    def as_query(self) -> dict[str, str]:
        """The same as part of an address."""
        pairs = {
            "tinh-trang": str(self.status.number) if self.status else "",
            "thu-tuc": self.procedure,
            "han": self.due.value if self.due else "",
        }
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True)
class Row:
    """A line of the list; `holder` is the officer who has taken the dossier."""

    dossier: Dossier
    holder: str
    standing: RowStanding | None


@dataclass(frozen=True)
class Page:
    """Some rows, and the marks of what lies before and after them."""

    rows: tuple[Row, ...]
    newer: str | None = None
    older: str | None = None


@dataclass(frozen=True)
class Count:
    """How many lie under a tab, and how many of them are overdue."""

    total: int = 0
    overdue: int = 0


def read_filters(args: Mapping[str, str]) -> Filters:
    """The filters of an address."""
    number = args.get("tinh-trang", "")
    statuses = {str(status.number): status for status in Status if status is not Status.DRAFT}
    due = args.get("han", "")
    return Filters(
        status=statuses.get(number),
        procedure=args.get("thu-tuc", "").strip()[:20],
        due=DueFilter(due) if due in set(DueFilter) else None,
    )


def tab_of(actor: Actor, wanted: str) -> Tab:
    """The tab an address asks for, or the first one of the person's desk."""
    desk = DESKS[actor.role]
    return next((tab for tab in desk if tab.value == wanted), next(iter(desk)))


def counts(actor: Actor, at: Present) -> dict[Tab, Count]:
    """How many dossiers lie under each tab: one question for all of them."""
    which = case(*[(under(actor, tab), tab.value) for tab in DESKS[actor.role]], else_="")
    late = func.sum(case((is_overdue(at), 1), else_=0))
    query = select(which, func.count(), late).where(scope(actor)).group_by(which)
    found = {row[0]: Count(row[1], int(row[2] or 0)) for row in db.session.execute(query)}
    return {tab: found.get(tab.value, Count()) for tab in DESKS[actor.role]}


def procedures(actor: Actor) -> list[tuple[str, str]]:
    """Codes and names of the procedures that lie on this desk, for the filter."""
    pinned = select(Dossier.procedure_version_id).where(scope(actor))
    query = (
        select(Procedure.code, Procedure.name)
        .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
        .where(ProcedureVersion.id.in_(pinned))
        .distinct()
        .order_by(Procedure.name)
    )
    return [(code, name) for code, name in db.session.execute(query)]


def page(
    actor: Actor, tab: Tab, filters: Filters, at: Present, *, after: str = "", before: str = ""
) -> Page:
    """A page of one tab; `after` and `before` are marks that an earlier page gave."""
    order = Order.of(tab)
    query = visible(actor).where(under(actor, tab), *_conditions(filters, at))
    return listed(query, order, at, after=after, before=before)


def under(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    """The condition of a tab; of all tabs of a desk exactly one holds for each dossier."""
    desk = DESKS[actor.role]
    inside = Dossier.status.in_(desk[tab])
    if Tab.MINE not in desk or tab not in (Tab.MINE, Tab.IN_WORK):
        return inside
    mine = and_(
        Dossier.status == Status.PROCESSING, func.coalesce(Dossier.officer_id, 0) == actor.user_id
    )
    return mine if tab is Tab.MINE else and_(inside, not_(mine))


def rows_of(found: Sequence[Any], at: Present) -> tuple[Row, ...]:
    """Rows for pairs of a dossier and its holder's name."""
    return tuple(Row(dossier, holder or "", standing_of(dossier, at)) for dossier, holder in found)


def with_holder(query: Select[Any]) -> Select[Any]:
    """A list of dossiers as pages show it: procedure, department and holder in the same query."""
    return (
        query.add_columns(User.name)
        .outerjoin(User, User.id == Dossier.officer_id)
        .options(
            joinedload(Dossier.procedure_version).lazyload(ProcedureVersion.components),
            joinedload(Dossier.department),
        )
    )


def _conditions(filters: Filters, at: Present) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(Dossier.status == filters.status)
    if filters.procedure:
        versions = (
            select(ProcedureVersion.id)
            .join(Procedure, Procedure.id == ProcedureVersion.procedure_id)
            .where(Procedure.code == filters.procedure)
        )
        found.append(Dossier.procedure_version_id.in_(versions))
    if filters.due is not None:
        found.append(is_overdue(at) if filters.due is DueFilter.OVERDUE else is_due_soon(at))
    return found


Mark = tuple[datetime, str]


@dataclass(frozen=True)
class Order:
    """By which moment a tab is sorted; the code breaks ties, for it is unique."""

    moment: ColumnElement[datetime]
    column: str
    falling: bool = False

    @classmethod
    def of(cls, tab: Tab) -> Order:
        """What waits longest first, what is due first, or what ended last."""
        if tab is Tab.TO_ACCEPT:
            return cls(func.coalesce(Dossier.sent_at, NEVER), "sent_at")
        if tab in (Tab.DONE, Tab.TO_RETURN):
            return cls(func.coalesce(Dossier.touched_at, NEVER), "touched_at", falling=True)
        return cls.by_due()

    @classmethod
    def by_due(cls) -> Order:
        """What is due first on top, what has no due date last."""
        return cls(func.coalesce(Dossier.due_at, NEVER), "due_at")

    def mark(self, dossier: Dossier) -> str:
        """Where a row stands, for an address."""
        moment = getattr(dossier, self.column) or NEVER
        return f"{moment.isoformat()}~{dossier.code}"

    def beyond(self, mark: Mark, *, back: bool) -> ColumnElement[bool]:
        """Rows after the mark, or before it when going back."""
        moment, code = mark
        if self.falling != back:
            return or_(self.moment < moment, and_(self.moment == moment, Dossier.code < code))
        return or_(self.moment > moment, and_(self.moment == moment, Dossier.code > code))

    def sort(self, query: Select[Any], *, back: bool) -> Select[Any]:
        """The order of the list, turned round when going back."""
        if self.falling != back:
            return query.order_by(self.moment.desc(), Dossier.code.desc())
        return query.order_by(self.moment, Dossier.code)


def listed(
    query: Select[Any], order: Order, at: Present, *, after: str = "", before: str = ""
) -> Page:
    """A page of any list of dossiers, from a mark that an earlier page gave."""
    ahead, behind = _read_mark(after), _read_mark(before)
    back = behind is not None and ahead is None
    mark = behind if back else ahead
    if mark is not None:
        query = query.where(order.beyond(mark, back=back))
    query = order.sort(with_holder(query), back=back).limit(PAGE_SIZE + 1)
    found = db.session.execute(query).all()
    has_more = len(found) > PAGE_SIZE
    shown = rows_of(found[:PAGE_SIZE], at)
    if back:
        shown = shown[::-1]
    if not shown:
        return Page(())
    first, last = order.mark(shown[0].dossier), order.mark(shown[-1].dossier)
    has_before = has_more if back else mark is not None
    has_after = True if back else has_more
    return Page(shown, first if has_before else None, last if has_after else None)


def _read_mark(text: str) -> Mark | None:
    """A mark from an address; one that nobody gave leads to the first page."""
    moment, tilde, code = text.partition("~")
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return None
    is_ours = tilde and read.tzinfo is not None and FIRST_YEAR <= read.year <= NEVER.year
    return (read, code) if is_ours else None

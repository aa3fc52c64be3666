"""The inbox of an office: each dossier under exactly one tab, the most pressing on top."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from portal.access import Actor
from portal.accounts.models import User
from portal.catalogue.models import Procedure, ProcedureVersion
from portal.clock import ZONE
from portal.dossiers import counting
from portal.dossiers.desks import DESKS, Tab
from portal.dossiers.lifecycle import CLOCK_RUNS, Status
from portal.dossiers.models.dossier import DUE_OR_NEVER, NEVER, Dossier
from portal.dossiers.queries import scope
from portal.dossiers.standing import (
    Present,
    RowStanding,
    is_due_soon,
    is_overdue,
    standing_of,
)
from portal.extensions import db
from portal.paging import numbers_of

PAGE_SIZE = 20
NO_DAY = datetime(9000, 1, 1, tzinfo=ZONE)  # marks a dossier without a due date
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
    """How many lie under a tab, and whether one of them is overdue."""

    total: int = 0
    is_urgent: bool = False


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
    """How many dossiers lie under each tab: kept numbers, and a look at the first due date."""
    totals = dict.fromkeys(DESKS[actor.role], 0)
    for status, officer, number in counting.by_holder(actor):
        totals[_tab(actor, status, officer)] += number
    urgent = _urgent(actor, at)
    return {tab: Count(total, tab in urgent) for tab, total in totals.items()}


def procedures(actor: Actor) -> list[tuple[str, str]]:
    """Codes and names of the procedures that lie on this desk, for the filter."""
    query = (
        select(Procedure.code, Procedure.name)
        .join(ProcedureVersion, ProcedureVersion.procedure_id == Procedure.id)
        .where(ProcedureVersion.id.in_(counting.versions(actor)))
        .distinct()
        .order_by(Procedure.name)
    )
    return [(code, name) for code, name in db.session.execute(query)]


def page(
    actor: Actor, tab: Tab, filters: Filters, at: Present, *, after: str = "", before: str = ""
) -> Page:
    """A page of one tab; `after` and `before` are marks that an earlier page gave."""
    narrowed = and_(scope(actor), *_conditions(filters, at))
    wanted = {filters.status} if filters.status else set(Status)
    heaps = [narrowed & heap for heap in _heaps(actor, tab, wanted)]
    return listed(heaps, Order.of(tab), at, after=after, before=before)


def _tab(actor: Actor, status: Status, officer: int | None) -> Tab:
    """Of all tabs of a desk the one under which a dossier lies."""
    desk = DESKS[actor.role]
    if Tab.MINE in desk and status is Status.PROCESSING and officer == actor.user_id:
        return Tab.MINE
    return next(tab for tab in desk if tab is not Tab.MINE and status in desk[tab])


def _heaps(actor: Actor, tab: Tab, wanted: Set[Status]) -> list[ColumnElement[bool]]:
    """The conditions of a tab, one for each status: an index has each of them in its order."""
    desk = DESKS[actor.role]
    heaps = {status: Dossier.status == status for status in desk[tab] & wanted}
    if Tab.MINE in desk and Status.PROCESSING in heaps:
        is_mine = Dossier.officer_id == actor.user_id
        others = Dossier.officer_id.is_(None) | (Dossier.officer_id != actor.user_id)
        heaps[Status.PROCESSING] &= is_mine if tab is Tab.MINE else others
    return list(heaps.values())


def _urgent(actor: Actor, at: Present) -> set[Tab]:
    """The tabs under which something is overdue: the first of each heap is looked at."""
    late = and_(scope(actor), is_overdue(at))
    asked = {
        tab: or_(*[exists().where(late, heap) for heap in _heaps(actor, tab, CLOCK_RUNS)])
        for tab in DESKS[actor.role]
        if DESKS[actor.role][tab] & CLOCK_RUNS
    }
    found = db.session.execute(select(*asked.values())).one()
    return {tab for tab, is_late in zip(asked, found, strict=True) if is_late}


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

    moment: Any
    column: str
    falling: bool = False

    @classmethod
    def of(cls, tab: Tab) -> Order:
        """What waits longest first, what is due first, or what ended last."""
        if tab is Tab.TO_ACCEPT:
            return cls(Dossier.sent_at, "sent_at")
        if tab in (Tab.DONE, Tab.TO_RETURN):
            return cls(Dossier.touched_at, "touched_at", falling=True)
        return cls.by_due()

    @classmethod
    def by_due(cls) -> Order:
        """What is due first on top, what has no due date last."""
        return cls(DUE_OR_NEVER, "due_at")

    def mark(self, dossier: Dossier) -> str:
        """Where a row stands, for an address."""
        moment = getattr(dossier, self.column) or NO_DAY
        return f"{moment.isoformat()}~{dossier.code}"

    def beyond(self, mark: Mark, *, back: bool) -> ColumnElement[bool]:
        """Rows after the mark, or before it when going back."""
        read, code = mark
        moment: Any = NEVER if read == NO_DAY else read
        if self.falling != back:
            return or_(self.moment < moment, and_(self.moment == moment, Dossier.code < code))
        return or_(self.moment > moment, and_(self.moment == moment, Dossier.code > code))

    def sort(self, query: Select[Any], *, back: bool) -> Select[Any]:
        """The order of the list, turned round when going back."""
        if self.falling != back:
            return query.order_by(self.moment.desc(), Dossier.code.desc())
        return query.order_by(self.moment, Dossier.code)


def listed(
    heaps: Sequence[ColumnElement[bool]],
    order: Order,
    at: Present,
    *,
    after: str = "",
    before: str = "",
) -> Page:
    """A page of the dossiers in any of the heaps, from a mark that an earlier page gave.

    Whoever asks has put the scope into each heap. The first of each are found in an index and
    only then fetched, so that a page costs as much as it shows, not as much as there is.
    """
    ahead, behind = _read_mark(after), _read_mark(before)
    back = behind is not None and ahead is None
    mark = behind if back else ahead
    if mark is not None:
        heaps = [heap & order.beyond(mark, back=back) for heap in heaps]
    firsts = [
        order.sort(select(Dossier.id).where(heap), back=back).limit(PAGE_SIZE + 1) for heap in heaps
    ]
    if not firsts:
        return Page(())
    chosen = with_holder(select(Dossier).where(Dossier.id.in_(numbers_of(firsts))))
    found = db.session.execute(order.sort(chosen, back=back).limit(PAGE_SIZE + 1)).all()
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
    is_ours = tilde and read.tzinfo is not None and FIRST_YEAR <= read.year <= NO_DAY.year
    return (read, code) if is_ours else None

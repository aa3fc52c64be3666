"""Long lists in pieces: from a mark on, never by counting rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, or_, select, union_all

from portal.extensions import db

Row = TypeVar("Row")

SIZE = 50
MOST_DIGITS = 9  # whatever they are, they fit the id columns of either database
OLDER, NEWER = "truoc", "sau"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the marks from which the older and the newer ones follow."""

    rows: Sequence[Row]
    older: str | None
    newer: str | None


def row_number(text: str) -> int:
    """A mark that is the number of a row; ValueError for what no row can be numbered.

    For `request.args.get(…, type=row_number)`: larger numbers would be refused by the database.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise ValueError("not the number of a row")
    return int(text)


def newest_first(
    query: Select[Any], model: Any, marks: dict[str, str], size: int = SIZE
) -> Page[Any]:
    """The piece of `query` before or after the mark in `marks`, which are those of an address.

    A mark is the row's public id, or its number where it has none. One that leads nowhere
    gives the first piece: an old link shows something rather than nothing.
    """
    name = getattr(model, "public_id", model.id)
    before, after = marks.get(OLDER, ""), marks.get(NEWER, "")
    place = _place(model, name, before or after)
    if place is None:
        before = after = ""
    if after:
        found = _rows(query.where(model.id > place).order_by(model.id), size)
        rows = list(reversed(found[:size]))
        has_newer, has_older = len(found) > size, True
    else:
        older = query.where(model.id < place) if before else query
        found = _rows(older.order_by(model.id.desc()), size)
        rows = list(found[:size])
        has_newer, has_older = bool(before), len(found) > size
    if not rows:
        return Page([], None, None)
    return Page(
        rows,
        older=_mark(rows[-1]) if has_older else None,
        newer=_mark(rows[0]) if has_newer else None,
    )


def oldest_first(
    query: Select[Any], model: Any, mark: str, *by: Any, size: int = SIZE
) -> Page[Any]:
    """The piece of `query` after the row whose public id is `mark`, what waits longest on top.

    `by` are the columns that say how long, before the row's number. There is only an onward
    mark: whoever works such a list off takes from its top.
    """
    keys = [*by, model.id]
    begun = select(*keys).where(model.public_id == mark)
    place = db.session.execute(begun).first() if mark else None
    if place is not None and None not in place:
        query = query.where(_beyond(keys, place))
    found = _rows(query.order_by(*keys), size)
    return Page(found[:size], None, _mark(found[size - 1]) if len(found) > size else None)


def _beyond(keys: Sequence[Any], place: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after this place, in the order of these columns."""
    further: ColumnElement[bool] = keys[0] > place[0]
    if len(keys) == 1:
        return further
    return or_(further, and_(keys[0] == place[0], _beyond(keys[1:], place[1:])))


def numbers_of(heaps: Iterable[Select[Any]]) -> CompoundSelect[Any]:
    """The numbers of the first rows of several heaps, each with its own order and limit.

    An index that has each heap in its order gives its first rows at once; asked for all heaps
    together, the database reads and sorts them whole.
    """
    return union_all(*[select(heap.subquery().c.id) for heap in heaps])


def _rows(query: Select[Any], size: int) -> Sequence[Any]:
    return db.session.scalars(query.limit(size + 1)).all()


def _place(model: Any, name: Any, mark: str) -> int | None:
    if name is model.id:
        try:
            return row_number(mark)
        except ValueError:
            return None
    return db.session.scalar(select(model.id).where(name == mark)) if mark else None


def _mark(row: Any) -> str:
    return str(getattr(row, "public_id", row.id))

"""When somebody else was faster: what was typed comes back, beside what changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Field, HiddenField
from wtforms import Form as AnyForm

from portal.db import transaction
from portal.errors import Conflict, PortalError
from portal.idempotency import keep


def settle(
    work: Callable[[], Response],
    again: Callable[[Conflict], Response],
    forms: Iterable[AnyForm],
) -> Response:
    """Do it in one transaction, or show the page again on the newest state with all that was typed.

    Where that state has no such form any more, `again` raises what it finds instead, and the page
    of the conflict lists what was typed, to be copied.
    """
    try:
        with transaction():
            return keep(work())
    except (StaleDataError, IntegrityError):
        conflict = Conflict()
    except Conflict as known:
        conflict = known
    conflict.typed = typed_in(forms)
    try:
        return again(conflict)
    except PortalError:
        raise conflict from None


def typed_in(forms: Iterable[AnyForm]) -> tuple[tuple[str, str], ...]:
    """What a person put into these forms, each with the words beside its field."""
    return tuple(
        (str(field.label.text), text)
        for form in forms
        for field in form
        if not isinstance(field, HiddenField) and (text := _text(field))
    )


def _text(field: Field) -> str:
    if isinstance(field.data, bool):
        return "✓" if field.data else ""
    chosen = [str(text) for value, text, is_on, *_rest in _choices(field) if is_on and value]
    return ", ".join(chosen) if chosen else str(field.data or "").strip()


def _choices(field: Field) -> list[tuple[str, ...]]:
    return list(field.iter_choices()) if hasattr(field, "iter_choices") else []

"""The log, to be read; reading it is written down as well."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.access import the_actor
from portal.audit import queries
from portal.audit.acts import label
from portal.audit.forms import SearchForm
from portal.audit.models import AuditEvent
from portal.audit.services import record
from portal.db import transaction
from portal.paging import NEWER, OLDER, Page, newest_first


def index() -> ResponseReturnValue:
    """The lines of the log, newest first."""
    form = SearchForm(formdata=request.args if request.args else None)
    if request.args and not form.validate():
        page = newest_first(queries.search(queries.Filters()), AuditEvent, {})
        return _page(form, page), 422
    asked = {name: text for name, text in request.args.items() if name not in (OLDER, NEWER)}
    with transaction():
        page = newest_first(queries.search(form.filters()), AuditEvent, dict(request.args))
        record("audit:read", "log", by=the_actor(), asked=asked)
    return _page(form, page, asked)


def _page(form: SearchForm, page: Page[AuditEvent], asked: dict[str, str] | None = None) -> str:
    return render_template(
        "audit/admin/index.html",
        form=form,
        page=page,
        asked=asked or {},
        codes=queries.codes_of(page.rows),
        citizens=queries.citizens_of(page.rows),
        label=label,
    )

"""Keeps the directory: who is there, how to reach them, who has closed."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal import htmx
from portal.access import the_actor
from portal.db import transaction
from portal.directory import queries, services
from portal.directory.forms import CloseForm, ContactForm
from portal.errors import Invalid
from portal.idempotency import keep


def index() -> ResponseReturnValue:
    """All organisations, those under another after it."""
    return render_template("directory/admin/index.html", organisations=queries.every_organisation())


def show(public_id: str) -> ResponseReturnValue:
    """One organisation and its contact, to be changed."""
    form = ContactForm.of(queries.get_organisation(public_id))
    return _page(public_id, form, CloseForm(formdata=None))


def edit(public_id: str) -> ResponseReturnValue:
    """Write the new contact down."""
    form = ContactForm()
    if not form.validate():
        return _page(public_id, form, CloseForm(formdata=None)), 422
    try:
        with transaction():
            organisation = queries.get_organisation(public_id, lock=True)
            services.edit(organisation, form.given(), by=the_actor())
            return keep(htmx.go(_address(public_id)))
    except Invalid as error:
        form[error.field].errors = [error.sentence]
        return _page(public_id, form, CloseForm(formdata=None)), 422


def close(public_id: str) -> ResponseReturnValue:
    """Nothing new goes there from now on."""
    form = CloseForm()
    if not form.validate():
        contact = ContactForm.of(queries.get_organisation(public_id))
        return _page(public_id, contact, form), 422
    with transaction():
        organisation = queries.get_organisation(public_id, lock=True)
        services.close(organisation, form.reason.data or "", by=the_actor())
        return keep(htmx.go(_address(public_id)))


def reopen(public_id: str) -> ResponseReturnValue:
    """Take it up again."""
    with transaction():
        organisation = queries.get_organisation(public_id, lock=True)
        services.reopen(organisation, by=the_actor())
        return keep(htmx.go(_address(public_id)))


def _page(public_id: str, form: ContactForm, close_form: CloseForm) -> str:
    return render_template(
        "directory/admin/show.html",
        organisation=queries.get_organisation(public_id),
        form=form,
        close_form=close_form,
    )


def _address(public_id: str) -> str:
    return url_for("admin.organisation", public_id=public_id)

"""The hand-over table: the post proposes on one side, the agency counts and signs on the other."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock, htmx
from portal.access import the_actor
from portal.conflicts import settle
from portal.db import transaction
from portal.directory.models import Organisation
from portal.errors import Conflict, Invalid
from portal.idempotency import keep
from portal.postal import handovers, records
from portal.postal.forms import LineForm, ProposeForm, ReasonForm
from portal.postal.handovers import Verdict
from portal.postal.lifecycle import HandoverState
from portal.postal.models import Handover, HandoverLine
from portal.postal.records import Envelopes
from portal.postal.rules import Count
from vietnam import s10


def index() -> Response:
    """The post's side: what can be handed over, what waits for a signature, what was signed."""
    return _index(ProposeForm(formdata=None), set(request.args.getlist("bg")))


def propose() -> ResponseReturnValue:
    """Make a list of sealed envelopes for one service centre."""
    actor = the_actor()
    form = ProposeForm()
    ticked = request.form.getlist("items")
    codes, wrong = _codes(form.codes.data or "")
    if not form.validate() or wrong:
        if wrong:
            form.refuse("codes", _("Mã bưu gửi chưa đúng: %(codes)s.", codes=", ".join(wrong)))
        return _index(form, set(ticked), 422)
    try:
        with transaction():
            items = records.lock_items(ticked, codes, for_=actor)
            missing = sorted(set(codes) - {item.code for item in items})
            _all_found(missing)
            made = handovers.propose(items, by=actor, at=clock.now())
            return keep(htmx.go(url_for("post.handover", public_id=made.public_id)))
    except Invalid as problem:
        form.refuse(problem.field, str(problem.sentence))
        return _index(form, set(ticked), 422)


def show(public_id: str) -> Response:
    """One record on the post's side."""
    handover = records.get_handover(public_id, for_=the_actor())
    return _show(handover, ReasonForm(formdata=None))


def void(public_id: str) -> ResponseReturnValue:
    """The post takes its proposal back."""
    actor = the_actor()
    form = ReasonForm()
    if not form.validate():
        return _show(records.get_handover(public_id, for_=actor), form, 422)

    def work() -> Response:
        handover = records.get_handover(public_id, for_=actor, lock=True)
        handovers.void(handover, form.reason.data or "", by=actor, at=clock.now())
        return htmx.go(url_for("post.handover", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        handover = _still_proposed(public_id, conflict)
        return _show(handover, form, 409, conflict)

    return settle(work, again, [form])


def office_index() -> str:
    """The agency's side: what the post has brought."""
    actor = the_actor()
    return render_template(
        "postal/handover/office.html",
        proposed=records.proposed(actor, request.args.get("sau", "")),
        closed=records.closed(actor),
    )


def office_show(public_id: str) -> Response:
    """One record on the agency's side: every envelope is counted again, then signed for."""
    handover = records.get_handover(public_id, for_=the_actor())
    return _office(handover, _lines(handover))


def sign(public_id: str) -> ResponseReturnValue:
    """The second signature; the clock of every dossier that was taken starts here."""
    actor = the_actor()
    handover = records.get_handover(public_id, for_=actor)
    forms = _lines(handover, sent=True)
    wrong = [name for name, form in forms.items() if not form.validate()]
    if wrong:
        return _office(handover, forms, 422)

    def work() -> Response:
        handover = records.get_handover(public_id, for_=actor, lock=True)
        verdicts = {line.id: _verdict(forms[line.id]) for line in handover.lines}
        handovers.sign(handover, verdicts, by=actor, at=clock.now())
        return htmx.go(url_for("office.handover", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        return _office(_still_proposed(public_id, conflict), forms, 409, conflict)

    try:
        return settle(work, again, forms.values())
    except Invalid as problem:
        name, _dash, line_id = problem.field.partition("-")
        field = forms[int(line_id)][name]
        field.errors = [*field.errors, str(problem.sentence)]
        return _office(records.get_handover(public_id, for_=actor), forms, 422)


def _index(form: ProposeForm, ticked: set[str], status: int = 200) -> Response:
    actor = the_actor()
    units = records.units_with_ready(actor)
    wanted = request.values.get("noi", "")
    unit = next((unit for unit, _number in units if unit.public_id == wanted), None)
    if unit is None and units:
        unit = units[0][0]
    page = render_template(
        "postal/handover/post.html",
        form=form,
        units=units,
        unit=unit,
        ready=_ready(unit, ticked) if unit else None,
        ticked=ticked,
        proposed=records.proposed(actor, request.args.get("ky-sau", "")),
        closed=records.closed(actor),
        count_of=handovers.given,
    )
    return make_response(page, status)


def _ready(unit: Organisation, ticked: set[str]) -> Envelopes:
    after = request.values.get("sau", "")
    return records.ready(the_actor(), unit.id, ticked=ticked, after=after)


def _codes(text: str) -> tuple[list[str], list[str]]:
    """The codes of a scanner's lines: those that can be, and those that cannot."""
    typed = [line.strip() for line in text.splitlines() if line.strip()]
    read = [(line, s10.normalise(line)) for line in typed]
    return [code for _line, code in read if code], [line for line, code in read if not code]


def _all_found(missing: list[str]) -> None:
    if missing:
        sentence = ngettext(
            "Không có bưu gửi %(codes)s ở bưu cục này.",
            "Không có các bưu gửi %(codes)s ở bưu cục này.",
            len(missing),
            codes=", ".join(missing),
        )
        raise Invalid("codes", sentence)


def _still_proposed(public_id: str, conflict: Conflict) -> Handover:
    """The record as it is now; what is signed or given up has no form any more."""
    handover = records.get_handover(public_id, for_=the_actor())
    if handover.state is not HandoverState.PROPOSED:
        raise conflict
    return handover


def _show(
    handover: Handover, form: ReasonForm, status: int = 200, conflict: Conflict | None = None
) -> Response:
    page = render_template(
        "postal/handover/record.html", handover=handover, form=form, conflict=conflict
    )
    return make_response(page, status)


def _lines(handover: Handover, *, sent: bool = False) -> dict[int, LineForm]:
    data: Any = request.form if sent else None
    return {line.id: LineForm(data, prefix=f"{_prefix(line)}-") for line in handover.lines}


def _prefix(line: HandoverLine) -> str:
    return line.item.code


def _office(
    handover: Handover,
    forms: dict[int, LineForm],
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    errors = [
        (f"#{field.id}", text) for form in forms.values() for field in form for text in field.errors
    ]
    page = render_template(
        "postal/handover/count.html",
        handover=handover,
        forms=forms,
        errors=errors,
        conflict=conflict,
    )
    return make_response(page, status)


def _verdict(form: LineForm) -> Verdict:
    return Verdict(
        is_accepted=form.verdict.data == "accept",
        count=Count(form.originals.data, form.copies.data, form.pages.data),
        note=form.note.data or "",
    )

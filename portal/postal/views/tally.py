"""The tally: what the clerk counts on the left, what the scanner gives on the right, the seal."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal import clock, htmx
from portal.access import the_actor
from portal.catalogue.models import PaperKind
from portal.conflicts import settle
from portal.db import transaction
from portal.documents import queries as documents
from portal.documents.models import DocumentPurpose
from portal.documents.services import (
    Taken,
    add_document,
    attach,
    take,
    withdraw_file,
)
from portal.dossiers.file_rights import must_be_open_to
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.queries import get_dossier
from portal.dossiers.services import check_version
from portal.errors import Conflict, Invalid, NotFound
from portal.extensions import db
from portal.idempotency import keep
from portal.postal import queries, scan_words, services
from portal.postal.forms import PaperForm, PaperTitleForm, ReasonForm, SealForm
from portal.postal.lifecycle import NOT_AWAITED, Direction, ItemState
from portal.postal.models import PostalItem
from portal.postal.tallies import PaperLine, PaperTally
from portal.postal.views.counter import next_step
from portal.postal.views.tally_parts import must_be_open, numbers, open_paper, scans

MOST_FILES = 40


def show(public_id: str) -> ResponseReturnValue:
    """The tally of a dossier whose papers lie on the counter."""
    dossier = _dossier(public_id)
    here = url_for("post.tally", public_id=public_id)
    step = next_step(dossier)
    if step != here:
        return htmx.go(step)
    return _page(dossier)


def save(public_id: str) -> ResponseReturnValue:
    """Write the tally down and, on the second button, seal; nothing typed is lost on the way."""
    form = SealForm()
    dossier = _dossier(public_id)
    papers = _paper_forms(dossier, request.form)
    wrong = [name for name, paper in papers.items() if not paper.validate()]
    if not form.validate() or wrong:
        return _page(dossier, form=form, papers=papers, status=422)
    said = {name: _said(paper) for name, paper in papers.items()}
    try:
        with transaction():
            return keep(_save(public_id, form, said, papers))
    except Conflict as conflict:
        return _page(_dossier(public_id), form=form, papers=papers, conflict=conflict, status=409)


def _save(
    public_id: str, form: SealForm, said: dict[str, PaperTally], papers: dict[str, PaperForm]
) -> Response:
    actor, now = the_actor(), clock.now()
    dossier = get_dossier(public_id, for_=actor, lock=True)
    check_version(dossier, form.version.data)
    services.save_tally(dossier, said, by=actor, at=now)
    if request.form.get("act") != "seal":
        return htmx.go(url_for("post.tally", public_id=public_id, da_luu=1))
    number, reason = form.seal_number.data or "", form.override_reason.data or ""
    try:
        services.seal(dossier, number, reason, by=actor, at=now)
    except Invalid as problem:  # what was counted stays written down
        db.session.flush()
        form.refuse(problem.field, str(problem.sentence))
        return _page(dossier, form=form, papers=papers, status=422)
    return htmx.go(url_for("post.slip", public_id=public_id))


def total(public_id: str) -> str:
    """The running total: asked again while scans are being read and after each thing typed."""
    dossier = _dossier(public_id)
    papers = _paper_forms(dossier, request.args)
    said = {name: _said(paper) for name, paper in papers.items() if paper.validate()}
    counted = numbers(dossier, said if "version" in request.args else None)
    return render_template("postal/clerk/_total.html", **counted)


def scan(public_id: str, document_id: str) -> ResponseReturnValue:
    """Take pages as a scanner gives them; a bad file among good ones does not hold these up."""
    actor = the_actor()
    dossier = _dossier(public_id)
    open_paper(dossier, document_id)
    taken, problems = _take_all()
    with transaction():
        dossier = get_dossier(public_id, for_=actor, lock=True)
        document = open_paper(dossier, document_id)
        for one in taken:
            try:
                attach(document, one, by=actor, at=clock.now())
            except Invalid as problem:
                problems.append(str(problem.sentence))
        db.session.flush()
        db.session.expire(dossier, ["documents"])
        return keep(scanned(get_dossier(public_id, for_=actor), document_id, problems))


def drop_scan(public_id: str, file_id: str) -> ResponseReturnValue:
    """Take one scan back, to scan again."""
    actor = the_actor()
    with transaction():
        dossier = get_dossier(public_id, for_=actor, lock=True)
        file = documents.get_file(file_id, lock=True)
        if file.document.dossier_id != dossier.id:
            raise NotFound
        document = open_paper(dossier, file.document.public_id)
        must_be_open_to(actor, file, dossier, clock.now())
        withdraw_file(file, by=actor, at=clock.now())
        db.session.flush()
        return keep(scanned(dossier, document.public_id, []))


def add_paper(public_id: str) -> ResponseReturnValue:
    """A paper the sender wants to enclose besides what is asked for."""
    actor = the_actor()
    form = PaperTitleForm()
    if not form.validate():
        return _page(_dossier(public_id), title_form=form, status=422)

    def work() -> Response:
        dossier = get_dossier(public_id, for_=actor, lock=True)
        must_be_open(dossier)
        added = add_document(dossier, form.title.data or "", DocumentPurpose.VOLUNTARY, clock.now())
        dossier.touched_at = clock.now()
        address = url_for("post.tally", public_id=public_id, _anchor=f"giay-{added.public_id}")
        return htmx.go(address)

    def again(conflict: Conflict) -> Response:
        dossier = _dossier(public_id)
        must_be_open(dossier)
        return _page(dossier, title_form=form, conflict=conflict, status=409)

    return settle(work, again, [form])


def slip(public_id: str) -> ResponseReturnValue:
    """What was sealed, to be printed and signed by both; and the way back, with a reason."""
    dossier = _dossier(public_id)
    item = queries.open_item(dossier, Direction.TO_AGENCY)
    if item is None or item.state is not ItemState.SEALED:
        return htmx.go(next_step(dossier))
    return _slip(dossier, item)


def unseal(public_id: str) -> ResponseReturnValue:
    """Open an envelope that has not left the counter."""
    actor = the_actor()
    form = ReasonForm()
    if not form.validate():
        dossier = _dossier(public_id)
        return _slip(dossier, _sealed(dossier), form, 422)

    def work() -> Response:
        dossier = get_dossier(public_id, for_=actor, lock=True)
        check_version(dossier, form.version.data)
        item = _sealed(dossier)
        services.unseal(dossier, item, form.reason.data or "", by=actor, at=clock.now())
        return htmx.go(url_for("post.tally", public_id=public_id))

    def again(conflict: Conflict) -> Response:
        dossier = _dossier(public_id)
        item = _sealed(dossier)
        if queries.proposed_line(item) is not None:  # there the page has no such form
            raise conflict
        return _slip(dossier, item, form, 409, conflict)

    return settle(work, again, [form])


def _dossier(public_id: str) -> Dossier:
    return get_dossier(public_id, for_=the_actor())


def _sealed(dossier: Dossier) -> PostalItem:
    item = queries.open_item(dossier, Direction.TO_AGENCY, lock=True)
    if item is None or item.state is not ItemState.SEALED:
        raise Conflict(_("Phong bì này không còn niêm phong ở bưu cục."))
    return item


def _take_all() -> tuple[list[Taken], list[str]]:
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    if not uploads:
        return [], [_("Chọn tệp quét của giấy tờ này.")]
    if len(uploads) > MOST_FILES:
        return [], [_("Mỗi lần tải lên tối đa %(most)s tệp.", most=MOST_FILES)]
    taken: list[Taken] = []
    problems: list[str] = []
    for upload in uploads:
        try:
            taken.append(take(upload, "files"))
        except Invalid as problem:
            problems.append(str(problem.sentence))
    return taken, problems


def scanned(dossier: Dossier, document_id: str, problems: list[str]) -> Response:
    """The scans of one paper after a change of them, or the whole page without scripts."""
    if htmx.wanted():
        return scans(dossier, document_id, problems)
    if problems:
        return _page(dossier, scan_problems={document_id: problems}, status=422)
    address = url_for("post.tally", public_id=dossier.public_id, _anchor=f"giay-{document_id}")
    return htmx.go(address)


def _page(
    dossier: Dossier,
    *,
    form: SealForm | None = None,
    papers: dict[str, PaperForm] | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    counted = numbers(dossier)
    if form is None:
        form = SealForm(formdata=None)
    form.version.data = str(dossier.version)
    if papers is None:
        papers = {line.document.public_id: _filled(line) for line in counted["tally"].lines}
    context = {
        "title_form": PaperTitleForm(formdata=None),
        "scan_problems": {},
        "conflict": None,
    } | more
    page = render_template(
        "postal/clerk/tally.html",
        form=form,
        papers=papers,
        pickup=queries.pickup_of(dossier),
        was_saved=request.args.get("da_luu") == "1",
        is_new=request.args.get("moi") == "1",
        scanning=scan_words.of_tally(dossier, by=the_actor(), at=clock.now()),
        **counted,
        **context,
    )
    return make_response(page, status)


def _slip(
    dossier: Dossier,
    item: PostalItem,
    form: ReasonForm | None = None,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    form = form or ReasonForm(formdata=None)
    form.version.data = str(dossier.version)
    page = render_template(
        "postal/clerk/slip.html",
        dossier=dossier,
        item=item,
        form=form,
        proposed=queries.proposed_line(item),
        conflict=conflict,
        pickup=queries.pickup_of(dossier),
        is_awaited=dossier.status not in NOT_AWAITED,
    )
    return make_response(page, status)


def _filled(line: PaperLine) -> PaperForm:
    return PaperForm(
        prefix=f"{line.document.public_id}-",
        data={
            "is_present": line.count.is_present,
            "is_shown_only": line.count.is_shown_only,
            "kind": line.kind.value,
            "pages": line.count.declared,
        },
    )


def _paper_forms(dossier: Dossier, sent: MultiDict[str, str]) -> dict[str, PaperForm]:
    names = [
        document.public_id
        for document in dossier.documents
        if document.purpose is not DocumentPurpose.OUTCOME
    ]
    return {name: PaperForm(sent, prefix=f"{name}-") for name in names}


def _said(paper: PaperForm) -> PaperTally:
    return PaperTally(
        is_present=bool(paper.is_present.data),
        is_shown_only=bool(paper.is_shown_only.data),
        kind=PaperKind(paper.kind.data),
        pages=paper.pages.data,
    )

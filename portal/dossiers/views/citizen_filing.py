"""Filing online: start, one topic a page, check the answers, send once."""

from __future__ import annotations

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, htmx
from portal.access import Actor, the_actor
from portal.catalogue import queries as catalogue
from portal.catalogue.models import ProcedureVersion
from portal.db import transaction
from portal.directory import queries as directory
from portal.dossiers import aging, drafts, pinning, queries, review, services
from portal.dossiers import answers as rules
from portal.dossiers.application import Application, Page, is_asked
from portal.dossiers.application_forms import PageForm
from portal.dossiers.models.dossier import Channel, Dossier
from portal.errors import Conflict, Invalid, NotFound
from portal.idempotency import keep

ONLINE = Channel.ONLINE


def begin(code: str) -> ResponseReturnValue:
    """What to have at hand before beginning, and the draft that waits, if there is one."""
    version = _version(code)
    draft = drafts.find(the_actor(), version.procedure_id, ONLINE)
    return render_template(
        "dossiers/citizen/begin.html",
        version=version,
        procedure=version.procedure,
        application=drafts.application_of(version),
        needed=drafts.needed(version),
        draft=draft,
    )


def start(code: str) -> ResponseReturnValue:
    """Open a draft, or go on with the one that is open."""
    actor = the_actor()
    with transaction():
        version = _version(code)
        draft = drafts.find(actor, version.procedure_id, ONLINE, lock=True)
        if draft is None:
            draft = services.start_draft(version, ONLINE, by=actor, at=clock.now())
        return keep(htmx.go(url_for("citizen.draft", public_id=draft.public_id)))


def draft(public_id: str) -> ResponseReturnValue:
    """The task list: what is done and what is still to do, in any order."""
    actor = the_actor()
    dossier = open_draft(public_id, actor)
    application = drafts.application_of(dossier.procedure_version)
    return render_template(
        "dossiers/citizen/draft.html",
        dossier=dossier,
        application=application,
        tasks=review.tasks(dossier, application, clock.today()),
        goes_at=aging.goes_at(dossier, clock.now()),
    )


def page(public_id: str, page_id: str) -> ResponseReturnValue:
    """The questions of one topic, with what was answered before."""
    actor = the_actor()
    dossier = open_draft(public_id, actor)
    application = drafts.application_of(dossier.procedure_version)
    topic = _topic(application, page_id)
    form = PageForm(application, topic, drafts.first_answers(dossier, actor), directory)
    return _page(dossier, form)


def save_page(public_id: str, page_id: str) -> ResponseReturnValue:
    """Keep one topic; with mistakes nothing is lost and each is said beside its field."""
    actor = the_actor()
    dossier = open_draft(public_id, actor)
    application = drafts.application_of(dossier.procedure_version)
    topic = _topic(application, page_id)
    form = PageForm(application, topic, drafts.answers_of(dossier), directory, request.form)
    action = request.form.get("action", "save")
    if action == "province":
        return _page(dossier, form)
    if not form.fits() or (action != "later" and not form.check(clock.today())):
        return _page(dossier, form), 422
    with transaction():
        dossier = open_draft(public_id, actor, lock=True)
        drafts.keep(dossier, form.given, by=actor, at=clock.now())
        address = _next(dossier, application, topic) if action == "save" else _home(dossier)
        return keep(htmx.go(address))


def check(public_id: str) -> ResponseReturnValue:
    """Everything once more before it is sent."""
    return _check(open_draft(public_id, the_actor()))


def send(public_id: str) -> ResponseReturnValue:
    """Send the dossier, once, however often the button was pressed."""
    actor = the_actor()
    try:
        with transaction():
            dossier = open_draft(public_id, actor, lock=True)
            services.check_version(dossier, request.form.get("version"))
            if pinning.follow_procedure(dossier):
                page = _check(dossier, pinning.changed_meanwhile())
                return keep(make_response(page, 422))
            application = drafts.application_of(dossier.procedure_version)
            drafts.complete(dossier, application, clock.today())
            drafts.must_have_papers(dossier)
            services.submit(dossier, by=actor, at=clock.now())
            return keep(htmx.go(url_for("citizen.sent", public_id=public_id)))
    except Invalid as error:
        return _check(open_draft(public_id, actor), str(error.sentence)), 422


def open_draft(public_id: str, actor: Actor, *, lock: bool = False) -> Dossier:
    """His draft; of what was sent meanwhile it says so instead of pretending it never was."""
    try:
        return drafts.get_draft(public_id, for_=actor, channel=ONLINE, lock=lock)
    except NotFound:
        queries.get_dossier(public_id, for_=actor)
        raise Conflict(
            _("Hồ sơ này đã được gửi nên không sửa được nữa. Ông/Bà mở “Hồ sơ của tôi” để xem.")
        ) from None


def _version(code: str) -> ProcedureVersion:
    version = catalogue.in_force(code)
    if version is None:
        raise NotFound
    return version


def _topic(application: Application, page_id: str) -> Page:
    topic = application.page(page_id)
    if topic is None:
        raise NotFound
    return topic


def _page(dossier: Dossier, form: PageForm) -> str:
    return render_template(
        "dossiers/citizen/page.html",
        dossier=dossier,
        form=form.fields,
        page=form.page,
        application=form.application,
        nodes=form.nodes,
        save_at=url_for("citizen.save_page", public_id=dossier.public_id, page_id=form.page.id),
        back=_back(dossier),
        back_to_check=_from_check(),
    )


def _from_check() -> bool:
    return request.values.get("ve") == "kiem-tra"


def _back(dossier: Dossier) -> str:
    name = "citizen.check" if _from_check() else "citizen.draft"
    return url_for(name, public_id=dossier.public_id)


def _home(dossier: Dossier) -> str:
    return url_for("citizen.draft", public_id=dossier.public_id)


def _next(dossier: Dossier, application: Application, topic: Page) -> str:
    """The next topic that asks something; the list of tasks after the last."""
    if _from_check():
        return url_for("citizen.check", public_id=dossier.public_id)
    answers = drafts.answers_of(dossier)
    pages = application.pages
    for following in pages[pages.index(topic) + 1 :]:
        if any(is_asked(application, question, answers) for question in following.questions):
            return url_for("citizen.page", public_id=dossier.public_id, page_id=following.id)
    return _home(dossier)


def _check(dossier: Dossier, problem: str = "") -> str:
    application = drafts.application_of(dossier.procedure_version)
    answers = drafts.answers_of(dossier)
    tasks = review.tasks(dossier, application, clock.today())
    return render_template(
        "dossiers/citizen/check.html",
        dossier=dossier,
        application=application,
        sections=review.sections(application, answers),
        doubts=rules.doubts(application, answers),
        papers=drafts.papers(dossier),
        undone=[task for task in tasks if task.blocks],
        cost=review.cost_of(dossier, answers),
        problem=problem,
    )

"""What citizens and the agency do in the demonstration, through the very verbs people use."""

from __future__ import annotations

import json
from datetime import datetime

from portal.demo import papers
from portal.demo.cases import Case, Stage
from portal.documents import services as documents
from portal.documents.models import DocumentPurpose
from portal.dossiers import services
from portal.dossiers.models.dossier import Channel, ReturnMode
from portal.dossiers.models.notices import OutcomeKind

MISSING = (
    "Bản chụp trích lục ly hôn đã có hiệu lực",
    "Văn bản ủy quyền có chứng thực",
    "Bản sao giấy tờ chứng minh nơi cư trú",
)
REFUSALS = (
    "Thủ tục không thuộc thẩm quyền giải quyết của cơ quan nơi nhận hồ sơ.",
    "Giấy tờ không thể đối chiếu với bản chính; người nộp không cung cấp lại.",
)
STOPS = "Quá thời hạn ghi trong phiếu yêu cầu mà không nhận được giấy tờ bổ sung."


def start(case: Case, stage: Stage, at: datetime) -> None:
    """A citizen opens a draft at home."""
    _start(case, Channel.ONLINE, at)


def start_direct(case: Case, stage: Stage, at: datetime) -> None:
    """A citizen prepares at home what he will bring to the desk."""
    _start(case, Channel.DIRECT, at)


def hand_in_papers(case: Case, stage: Stage, at: datetime) -> None:
    """The first paper of the procedure: read long ago, or waiting for the worker."""
    by = stage.clerk(case) if case.story.by_post else case.citizen
    document = documents.ensure_documents(case.dossier)[0]
    if case.is_scanned:
        papers.put_in_scanned(document, case.version, case.person, by=by, at=at)
    else:
        papers.put_in(document, papers.request_title(case.version), stage.shelf, by=by, at=at)


def submit(case: Case, stage: Stage, at: datetime) -> None:
    """The citizen sends the draft."""
    services.submit(case.dossier, by=case.citizen, at=at)


def accept(case: Case, stage: Stage, at: datetime) -> None:
    """The one-stop officer accepts."""
    services.accept(case.dossier, by=stage.cast.actors["motcua"], at=at)


def forward(case: Case, stage: Stage, at: datetime) -> None:
    """The dossier goes to its department; most are taken by the officer at once."""
    department = case.dossier.department
    assert department is not None
    services.forward(case.dossier, department, by=stage.cast.actors["motcua"], at=at)
    if case.rng.random() < 0.7:
        case.dossier.officer_id = stage.officer(case).user_id


def ask(case: Case, stage: Stage, at: datetime) -> None:
    """Something is missing."""
    is_forwarded = case.dossier.forwarded_at is not None
    by = stage.officer(case) if is_forwarded else stage.cast.actors["motcua"]
    items = [{"component": None, "text": case.rng.choice(MISSING)}]
    reason = "Hồ sơ chưa có giấy tờ nêu trong danh mục."
    services.ask_supplement(case.dossier, items, reason, by=by, at=at)


def supplement(case: Case, stage: Stage, at: datetime) -> None:
    """The citizen brings what was missing."""
    title = papers.request_title(case.version)
    document = documents.add_document(
        case.dossier, "Giấy tờ bổ sung", DocumentPurpose.VOLUNTARY, at
    )
    papers.put_in(document, title, stage.shelf, by=case.citizen, at=at)
    services.supplement(case.dossier, by=case.citizen, at=at)


def ask_payment(case: Case, stage: Stage, at: datetime) -> None:
    """A fee is due before the work goes on."""
    amount = 1000 * case.rng.randint(8, 100)
    by = stage.officer(case)
    services.ask_payment(case.dossier, amount, "Lệ phí của hồ sơ trình diễn.", by=by, at=at)


def confirm_payment(case: Case, stage: Stage, at: datetime) -> None:
    """The fee has come in."""
    services.confirm_payment(case.dossier, by=stage.officer(case), at=at)


def refuse(case: Case, stage: Stage, at: datetime) -> None:
    """The desk does not take the dossier."""
    by = stage.cast.actors["motcua"]
    services.refuse(case.dossier, case.rng.choice(REFUSALS), by=by, at=at)


def withdraw(case: Case, stage: Stage, at: datetime) -> None:
    """The citizen wants it back."""
    services.withdraw(case.dossier, "Tôi không còn nhu cầu.", by=case.citizen, at=at)


def stop(case: Case, stage: Stage, at: datetime) -> None:
    """Nobody answered the supplement request."""
    services.stop(case.dossier, STOPS, by=stage.officer(case), at=at)


def decide(case: Case, stage: Stage, at: datetime) -> None:
    """The department decides; the result lies in the dossier."""
    by = stage.officer(case)
    title = papers.outcome_title(case.version)
    document = documents.add_document(case.dossier, title, DocumentPurpose.OUTCOME, at)
    papers.put_in(document, title, stage.shelf, by=by, at=at)
    is_granted = case.rng.random() < 0.95
    kind = OutcomeKind.GRANTED if is_granted else OutcomeKind.DENIED
    summary = f"{title}." if is_granted else "Không đủ điều kiện theo hồ sơ đã nộp."
    number = f"{case.number:04}/TD-{at:%Y}"
    services.decide(case.dossier, kind, summary, number, document, by=by, at=at)


def give_back(case: Case, stage: Stage, at: datetime) -> None:
    """The citizen comes for the result."""
    services.return_outcome(case.dossier, by=stage.cast.actors["motcua"], at=at)


def describe(case: Case) -> None:
    """Write the applicant into a new dossier; no address for mail, so that none is sent."""
    dossier, person = case.dossier, case.person
    dossier.is_demo = True
    dossier.applicant_name = person.name
    dossier.citizen_number, dossier.phone = person.citizen_number, person.phone
    dossier.address, dossier.commune_code = person.address, person.commune_code
    if case.story.by_post:
        dossier.return_mode = ReturnMode.POST
        dossier.return_address = person.address
        dossier.return_commune_code = person.commune_code
    dossier.answers_text = json.dumps(_answers(case), ensure_ascii=False)


def _start(case: Case, channel: Channel, at: datetime) -> None:
    case.made = services.start_draft(case.version, channel, by=case.citizen, at=at)
    describe(case)


def _answers(case: Case) -> dict[str, str]:
    """The sample of the procedure's form, answered by this person."""
    person = case.person
    sample = (case.version.form or {}).get("sample", {})
    return {
        **sample,
        "requester_name": person.name,
        "requester_birth": str(person.birth_year),
        "requester_citizen_number": person.citizen_number,
        "requester_phone": person.phone,
        "requester_email": "",
        "requester_commune": person.commune_code,
        "requester_address": person.address,
    }

"""What the citizen is told, and when; no message carries more than code and news."""

from __future__ import annotations

from flask import current_app, render_template
from sqlalchemy import select

from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.extensions import db
from portal.outbox import forget_events, promise

SUBJECTS = {
    "submit": "Đã nhận hồ sơ gửi trực tuyến",
    "accept": "Hồ sơ được tiếp nhận",
    "refuse": "Hồ sơ không được tiếp nhận",
    "ask_supplement": "Hồ sơ cần bổ sung",
    "ask_payment": "Hồ sơ cần thực hiện nghĩa vụ tài chính",
    "withdraw": "Đã ghi nhận việc rút hồ sơ",
    "stop": "Hồ sơ dừng xử lý",
    "decide": "Hồ sơ đã có kết quả",
    "return_outcome": "Đã trả kết quả",
}

DRAFT = "draft"


def erase(dossier: Dossier) -> None:
    """Erase every message about a dossier, by their keys: nobody reads all messages for it."""
    events = select(DossierEvent.act, DossierEvent.id).where(DossierEvent.dossier_id == dossier.id)
    of_the_post = [f"{act}:{number}" for act, number in db.session.execute(events)]
    versions = range(dossier.version + 2)
    named = [_key(act, dossier, version) for act in (*SUBJECTS, DRAFT) for version in versions]
    forget_events(named + of_the_post)


def key_of_draft(draft: Dossier) -> str:
    """One letter for each stretch in which nobody touches it."""
    return _key(DRAFT, draft, draft.version)


def _key(act: str, dossier: Dossier, version: int) -> str:
    return f"{act}:{dossier.public_id}:{version}"


def tell(dossier: Dossier, event: DossierEvent) -> None:
    """Promise the mail that this event deserves, if the applicant left an address."""
    subject = SUBJECTS.get(event.act)
    if subject is None or not dossier.email:
        return
    site = current_app.config["SETTINGS"].public_url
    body = render_template(
        "dossiers/messages/event.txt", dossier=dossier, event=event, subject=subject, site=site
    )
    promise(
        "mail",
        dossier.email,
        f"{subject} – {dossier.code}",
        body,
        event_key=_key(event.act, dossier, dossier.version),
    )

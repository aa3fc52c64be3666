"""What the post tells a citizen by mail: code and news, never a name, number or address."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import lazy_gettext as _l

from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.extensions import db
from portal.outbox import promise

SUBJECTS = {
    "seal": _l("Bưu điện đã niêm phong hồ sơ"),
    "pickup_missed": _l("Bưu tá chưa gặp được Ông/Bà"),
    "out_for_delivery": _l("Kết quả đang được đem phát"),
    "delivery_failed": _l("Chưa phát được kết quả"),
    "papers_turned": _l("Bưu điện sẽ trả lại giấy tờ"),
    "papers_collected": _l("Bưu điện đã nhận lại giấy tờ"),
    "papers_out": _l("Giấy tờ đang được đem trả"),
    "papers_failed": _l("Chưa trả được giấy tờ"),
    "papers_delivered": _l("Đã trả lại giấy tờ"),
    "papers_sent_back": _l("Giấy tờ được chuyển lại cơ quan"),
    "sent_back": _l("Kết quả được chuyển hoàn cơ quan"),
}


def tell(dossier: Dossier, event: DossierEvent) -> None:
    """Promise the mail that this event deserves, if the applicant left an address."""
    subject = SUBJECTS.get(event.act)
    if subject is None or not dossier.email:
        return
    db.session.flush()  # the event needs its id, which makes the message one
    body = render_template(
        "dossiers/messages/event.txt",
        dossier=dossier,
        event=event,
        subject=subject,
        site=current_app.config["SETTINGS"].public_url,
    )
    promise(
        "mail",
        dossier.email,
        f"{subject} – {dossier.code}",
        body,
        event_key=f"{event.act}:{event.id}",
    )

"""What the citizen is told, and when; no message carries more than code and news."""

from __future__ import annotations

from flask import current_app, render_template

from portal.dossiers.models.dossier import Dossier, DossierEvent
from portal.outbox import promise

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
        event_key=f"{event.act}:{dossier.public_id}:{dossier.version}",
    )

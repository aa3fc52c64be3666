"""How long the post may open what was scanned: it carries papers, not their content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _

from portal.access import Actor, Role
from portal.dossiers import custody
from portal.dossiers.models.custody import CustodyLine, Holder
from portal.dossiers.models.dossier import Dossier
from portal.errors import Forbidden

POSTAL = frozenset({Role.POSTAL_CLERK, Role.POSTAL_SUPERVISOR})
# The post processes data for the agency: a day for mistakes found after the hand-over, no more.
AFTER_HANDOVER = timedelta(hours=24)


def must_be_open_to(actor: Actor, dossier: Dossier, now: datetime) -> None:
    """Refuse the content of a file to the post once the papers have been out of its hands a day."""
    if actor.role in POSTAL and not is_open_to_post(dossier, custody.history(dossier), now):
        raise Forbidden(
            _(
                "Giấy tờ của hồ sơ này đã rời bưu điện quá 24 giờ: bưu điện chỉ còn xem được"
                " trạng thái và nơi giữ giấy tờ, không mở tệp."
            )
        )


def is_open_to_post(dossier: Dossier, lines: Sequence[CustodyLine], now: datetime) -> bool:
    """While the post works on papers, and a day after it gave them on; carrying home is no work."""
    holds = any(line.holder is Holder.POST and line.until is None for line in lines)
    if holds and not dossier.is_ended_early:
        return True
    given = [line.since for line in lines if line.holder is Holder.AGENCY] or [
        line.since for line in lines if line.holder is Holder.APPLICANT
    ]
    if not given:
        return dossier.received_at is None
    return now <= max(given) + AFTER_HANDOVER

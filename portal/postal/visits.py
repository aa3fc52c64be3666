"""A courier at the citizen's door: papers collected, or nobody there and why."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from portal.access import Actor
from portal.audit.services import record
from portal.dossiers import custody
from portal.dossiers import services as dossiers
from portal.dossiers.models.custody import Holder
from portal.errors import Invalid
from portal.postal import messages
from portal.postal.lifecycle import FailureReason, PickupState
from portal.postal.models import Pickup
from portal.postal.steps import must_go_on, place_of, turn


def collect(pickup: Pickup, *, by: Actor, at: datetime) -> None:
    """The closed envelope is in the courier's bag; what is in it he does not look at."""
    must_go_on(pickup.dossier)
    turn(pickup, PickupState.COLLECTED)
    pickup.collected_at, pickup.collected_by, pickup.missed_reason = at, by.name, ""
    holder = (Holder.POST, place_of(by), by.name)
    custody.give(pickup.dossier, pickup.code, holder, at=at)
    sentence = _("Bưu tá %(name)s đã nhận giấy tờ tại nhà.", name=by.name)
    dossiers.note(pickup.dossier, "pickup_collected", sentence, by=by, at=at)
    record("postal:pickup_collected", pickup, by=by, dossier_id=pickup.dossier_id)


def miss(pickup: Pickup, reason: FailureReason | None, *, by: Actor, at: datetime) -> None:
    """Nobody gave the papers: the reason from the one list; the office calls for a new time."""
    if reason is None:
        raise Invalid("reason", _("Chọn lý do chưa thu gom được."))
    turn(pickup, PickupState.MISSED)
    pickup.missed_reason = reason.value
    sentence = _("Bưu tá chưa thu gom được: %(why)s.", why=str(reason.label).lower())
    event = dossiers.note(pickup.dossier, "pickup_missed", sentence, by=by, at=at)
    record("postal:pickup_missed", pickup, by=by, dossier_id=pickup.dossier_id, why=reason.value)
    messages.tell(pickup.dossier, event)

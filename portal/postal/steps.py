"""One step of an envelope on its road, and how its place is named in sentences."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from portal.access import Actor
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict, StepRefused
from portal.postal.lifecycle import ItemVerb, PickupState, find, may_become
from portal.postal.models import Pickup, PostalItem


def move(item: PostalItem, verb: ItemVerb, *, by: Actor, at: datetime) -> None:
    """Take one step of the items' table; whoever comes second reads where the item is now."""
    step = find(item.state, verb, by.role.value, item.cargo, status=item.dossier.status)
    if step is None:
        raise Conflict(
            _(
                "Bưu gửi %(code)s đang ở trạng thái “%(state)s”, không làm được bước này.",
                code=item.code,
                state=item.state.label,
            )
        )
    item.state, item.moved_at = step.target, at


def must_go_on(dossier: Dossier) -> None:
    """Refuse every step on the road to the agency once the dossier is decided or over."""
    if dossier.is_closed:
        raise StepRefused(
            _(
                "Hồ sơ %(code)s đã kết thúc (“%(status)s”): không nhận, kiểm đếm, quét, niêm phong"
                " hay bàn giao giấy tờ nữa. Trả giấy tờ lại cho người gửi.",
                code=dossier.code,
                status=dossier.status.label,
            )
        )


def turn(pickup: Pickup, to: PickupState) -> None:
    """Take one step of the pick-ups' table; the same for whoever comes second."""
    if not may_become(pickup.state, to):
        raise Conflict(
            _(
                "Yêu cầu thu gom %(code)s đang ở trạng thái “%(state)s”, không làm được bước này.",
                code=pickup.code,
                state=pickup.state.label,
            )
        )
    pickup.state = to


def place_of(by: Actor) -> str:
    """The name of the actor's place, as history and papers write it."""
    return by.organisation.name if by.organisation else ""

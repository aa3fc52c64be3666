"""Changes what an organisation tells of itself, and closes it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access import Actor
from portal.audit.services import record
from portal.directory import queries
from portal.directory.models import Organisation
from portal.errors import Conflict, Invalid
from vietnam import phones


@dataclass(frozen=True)
class Contact:
    """How people reach an organisation."""

    address: str
    phone: str
    hours: str
    contact: str


def edit(organisation: Organisation, contact: Contact, *, by: Actor) -> None:
    """Write the new contact; the log keeps which parts changed."""
    if contact.phone and not _is_phone(contact.phone):
        raise Invalid("phone", _("Số điện thoại gồm 10 hoặc 11 chữ số, ví dụ 0258 3822 123."))
    values = {
        "address": contact.address.strip(),
        "phone": contact.phone.strip(),
        "hours": contact.hours.strip(),
        "contact": contact.contact.strip(),
    }
    changed = [name for name, value in values.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, values[name])
    record("organisation:edit", organisation, by=by, changed=changed)


def close(organisation: Organisation, reason: str, *, by: Actor) -> None:
    """Nothing new goes there from now on; what is there is finished there."""
    if not reason.strip():
        raise Invalid("reason", _("Ghi lý do ngừng tổ chức."))
    if not organisation.is_active:
        raise Conflict(_("Tổ chức này đã ngừng."))
    if queries.has_active_below(organisation):
        raise Conflict(_("Còn đơn vị trực thuộc đang hoạt động. Ngừng các đơn vị đó trước."))
    organisation.is_active = False
    record("organisation:close", organisation, by=by, reason=reason.strip())


def reopen(organisation: Organisation, *, by: Actor) -> None:
    """Take it up again."""
    if organisation.is_active:
        raise Conflict(_("Tổ chức này đang hoạt động."))
    organisation.is_active = True
    record("organisation:reopen", organisation, by=by)


def _is_phone(text: str) -> bool:
    """Hotlines and the fictional numbers of the demonstration are numbers too."""
    digits = text.replace(" ", "").replace(".", "").replace("-", "")
    return phones.normalise(text) is not None or (digits.isdigit() and 8 <= len(digits) <= 11)

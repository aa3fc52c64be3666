"""How a person in an office walks: the forms of its steps, filled and sent over HTTP."""

import re
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.directory.models import Organisation
from portal.dossiers.lifecycle import Status, Verb
from portal.extensions import db
from tests.factories.office import Office

SENT = [status for status in Status if status is not Status.DRAFT]
DESK_ROLES = (Role.ONESTOP_OFFICER, Role.OFFICER, Role.RECORDS_CLERK)
SLUGS = {
    Verb.ACCEPT: "tiep-nhan",
    Verb.REFUSE: "tu-choi",
    Verb.FORWARD: "chuyen",
    Verb.ASK_SUPPLEMENT: "yeu-cau-bo-sung",
    Verb.ASK_PAYMENT: "yeu-cau-nop",
    Verb.CONFIRM_PAYMENT: "xac-nhan-nop",
    Verb.STOP: "dung-xu-ly",
    Verb.DECIDE: "quyet-dinh",
    Verb.RETURN_OUTCOME: "tra-ket-qua",
}
DOORS = {Role.LEADER: "/lanh-dao"}
FILLED = {
    Verb.REFUSE: {"kind": "authority", "reason": "Thuộc thẩm quyền của xã khác"},
    Verb.ASK_SUPPLEMENT: {"components": "2", "others": "Ghi rõ nơi ở", "reason": "Thiếu"},
    Verb.ASK_PAYMENT: {"amount": "15.000 đ", "reason": "Lệ phí hộ tịch"},
    Verb.STOP: {"reason": "Người nộp không bổ sung"},
    Verb.WITHDRAW: {
        "receiver": "Nguyễn Thị Mẫu",
        "shown": "card",
        "is_written": "y",
        "reason": "Đổi ý",
    },
    Verb.DECIDE: {"kind": "granted", "summary": "Đồng ý cấp", "number": "12/XN-UBND"},
    Verb.RETURN_OUTCOME: {"receiver": "Nguyễn Thị Mẫu", "shown": "card"},
}


def step_address(public_id: str, verb: Verb, role: Role) -> str:
    return f"{DOORS.get(role, '/can-bo')}/ho-so/{public_id}/{SLUGS[verb]}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def filled(office: Office, client: FlaskClient, verb: Verb, public_id: str) -> dict[str, str]:
    """The form of a step as a person fills it who has just looked at the dossier."""
    form = {
        "csrf_token": token_of(client),
        "idempotency_key": uuid4().hex,
        "version": str(office.look(public_id).version),
    }
    if verb is Verb.FORWARD:
        with office.inside():
            form["department"] = db.session.get_one(Organisation, office.world.department).public_id
    return form | FILLED.get(verb, {})


def token_of(client: FlaskClient) -> str:
    return re.findall(r'name="csrf-token" content="([^"]*)"', client.get("/").text)[0]


def send(
    office: Office,
    client: FlaskClient,
    role: Role,
    public_id: str,
    verb: Verb,
    **changes: str | None,
) -> TestResponse:
    """Send a step's form; a change to None leaves the field out, as an empty box does."""
    form = filled(office, client, verb, public_id) | changes
    form = {name: value for name, value in form.items() if value is not None}
    return client.post(step_address(public_id, verb, role), data=form)


def assign(office: Office, client: FlaskClient, public_id: str, slug: str) -> TestResponse:
    form = {
        "csrf_token": token_of(client),
        "idempotency_key": uuid4().hex,
        "version": str(office.look(public_id).version),
    }
    return client.post(f"/can-bo/ho-so/{public_id}/{slug}", data=form)

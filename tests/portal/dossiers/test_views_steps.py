"""The steps of an office over HTTP: every cell of the table, and every wrong form."""

from datetime import timedelta

import pytest

from portal.access import Role
from portal.dossiers import lifecycle
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.dossier import Channel
from portal.dossiers.models.notices import Refusal, SupplementRequest
from portal.extensions import db
from tests.factories.office import FRIDAY, Office
from tests.factories.steps import DOORS, FILLED, SENT, SLUGS, send, step_address
from tests.rig.clocks import TurnedClock


@pytest.fixture(autouse=True)
def friday(turned_clock: TurnedClock) -> TurnedClock:
    turned_clock.set(FRIDAY + timedelta(hours=1))
    return turned_clock


@pytest.mark.parametrize("role", [Role.ONESTOP_OFFICER, Role.OFFICER, Role.LEADER], ids=str)
@pytest.mark.parametrize("status", SENT, ids=str)
def test_each_cell_of_the_table_holds_over_http(office: Office, role: Role, status: Status) -> None:
    """Allowed cells work; all others are refused, and a refused one changes nothing."""
    client = office.client(role)
    public_id = office.dossier(status)
    for verb in SLUGS:
        version = office.look(public_id).version
        is_seen = client.get(f"{DOORS.get(role, '/can-bo')}/ho-so/{public_id}").status_code == 200
        answer = send(office, client, role, public_id, verb)
        after = office.look(public_id)
        if is_seen and verb in lifecycle.allowed(status, role.value):
            assert answer.status_code == 303, (verb, answer.text)
            assert after.status is lifecycle.follow(status, verb, role.value)
            public_id = office.dossier(status)
        else:
            assert answer.status_code in (403, 404, 409), (verb, answer.status_code)
            assert (after.status, after.version) == (status, version)


def test_a_records_clerk_changes_nothing(office: Office) -> None:
    client = office.client(Role.RECORDS_CLERK)
    for verb in SLUGS:
        public_id = office.dossier(Status.PROCESSING)
        assert send(office, client, Role.RECORDS_CLERK, public_id, verb).status_code == 403


def test_accepting_shows_the_due_date_before_anybody_presses(office: Office) -> None:
    public_id = office.dossier(Status.REGISTERED)
    client = office.client(Role.ONESTOP_OFFICER)
    page = client.get(step_address(public_id, Verb.ACCEPT, Role.ONESTOP_OFFICER)).text
    assert "11:12, thứ Năm 26/11/2026" in page
    assert "24/11" in page
    assert "Do Hội đồng nhân dân cấp tỉnh quy định." in page
    send(office, client, Role.ONESTOP_OFFICER, public_id, Verb.ACCEPT)
    assert f"{office.look(public_id).due_at:%H:%M %d/%m/%Y}" == "11:12 26/11/2026"


def test_a_postal_dossier_waits_for_the_signed_hand_over(office: Office) -> None:
    public_id = office.dossier(Status.REGISTERED, channel=Channel.POST)
    client = office.client(Role.ONESTOP_OFFICER)
    address = step_address(public_id, Verb.ACCEPT, Role.ONESTOP_OFFICER)
    assert "ký biên bản bàn giao" in client.get(address).text
    answer = send(office, client, Role.ONESTOP_OFFICER, public_id, Verb.ACCEPT)
    assert answer.status_code == 422
    assert "ký bàn giao trước" in answer.text
    assert office.look(public_id).status is Status.REGISTERED


def test_a_refusal_says_the_listed_reason_and_the_explanation(office: Office) -> None:
    public_id = office.dossier(Status.REGISTERED)
    client = office.client(Role.ONESTOP_OFFICER)
    send(office, client, Role.ONESTOP_OFFICER, public_id, Verb.REFUSE)
    with office.inside():
        reason = db.session.query(Refusal).one().reason
    assert reason.startswith("Không thuộc thẩm quyền giải quyết của cơ quan: Thuộc thẩm quyền")


def test_a_supplement_asks_for_listed_papers_and_free_items_in_one_list(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    client = office.client(Role.OFFICER)
    send(office, client, Role.OFFICER, public_id, Verb.ASK_SUPPLEMENT, others="a\n\n b ")
    with office.inside():
        items = db.session.query(SupplementRequest).one().items
    assert [item["text"] for item in items] == ["Trích lục ly hôn", "a", "b"]
    assert items[0]["component"] is not None
    assert "Trích lục ly hôn" in client.get(f"/can-bo/ho-so/{public_id}").text


BAD = [
    (Verb.REFUSE, {"reason": "  "}, "Giải thích cụ thể vì sao không tiếp nhận."),
    (Verb.REFUSE, {"kind": ""}, "Chọn lý do không tiếp nhận."),
    (Verb.ASK_SUPPLEMENT, {"components": None, "others": ""}, "Chọn giấy tờ, hoặc ghi ít nhất"),
    (Verb.ASK_SUPPLEMENT, {"components": "99"}, "Chỉ chọn trong các mục dưới đây."),
    (Verb.ASK_SUPPLEMENT, {"reason": "x" * 2001}, "Rút gọn còn không quá 2.000 ký tự."),
    (Verb.ASK_PAYMENT, {"amount": "mười lăm nghìn"}, "Nhập số tiền bằng số"),
    (Verb.ASK_PAYMENT, {"amount": "0"}, "Số tiền phải lớn hơn 0"),
    (Verb.STOP, {"reason": ""}, "Ghi lý do dừng xử lý."),
    (Verb.DECIDE, {"kind": ""}, "Chọn kết quả giải quyết."),
    (Verb.DECIDE, {"summary": ""}, "Ghi tóm tắt kết quả giải quyết."),
    (Verb.RETURN_OUTCOME, {"receiver": ""}, "Nhập họ và tên người nhận kết quả."),
    (Verb.RETURN_OUTCOME, {"shown": ""}, "Chọn giấy tờ đã kiểm tra."),
    (Verb.FORWARD, {"department": ""}, "Chọn phòng, ban giải quyết hồ sơ."),
    (Verb.FORWARD, {"department": "khong-co"}, "Chọn một trong các mục dưới đây."),
]
BEFORE = {
    Verb.REFUSE: (Role.ONESTOP_OFFICER, Status.REGISTERED),
    Verb.FORWARD: (Role.ONESTOP_OFFICER, Status.ACCEPTED),
    Verb.RETURN_OUTCOME: (Role.ONESTOP_OFFICER, Status.RESOLVED),
}


@pytest.mark.parametrize(("verb", "changes", "told"), BAD, ids=lambda value: str(value)[:24])
def test_a_wrong_form_gets_one_sentence_and_keeps_what_was_typed(
    office: Office, verb: Verb, changes: dict[str, str | None], told: str
) -> None:
    role, status = BEFORE.get(verb, (Role.OFFICER, Status.PROCESSING))
    public_id = office.dossier(status)
    answer = send(office, office.client(role), role, public_id, verb, **changes)
    assert answer.status_code == 422
    assert told in answer.text
    assert answer.text.count("mc-error-line") == 1
    summary = answer.text[answer.text.index("data-error-summary") : answer.text.index("<h1")]
    assert told in summary
    for name, typed in (FILLED.get(verb, {}) | changes).items():
        if name in ("reason", "summary", "number", "amount", "receiver", "others"):
            assert (typed or "").strip() in answer.text
    assert office.look(public_id).status is status

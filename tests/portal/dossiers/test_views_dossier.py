"""One dossier on an office's desk: data beside the page, words marked, steps offered."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.access import Role
from portal.audit.models import AuditEvent
from portal.dossiers import lifecycle
from portal.dossiers.lifecycle import Status, Verb
from portal.extensions import db
from tests.factories.office import FRIDAY, Office
from tests.factories.steps import DESK_ROLES, DOORS, SENT, SLUGS, send, step_address
from tests.rig.clocks import TurnedClock


@pytest.fixture(autouse=True)
def friday(turned_clock: TurnedClock) -> TurnedClock:
    turned_clock.set(FRIDAY + timedelta(hours=1))
    return turned_clock


def test_opening_a_dossier_is_written_down_once_and_a_page_each_time(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    page_id = office.page(public_id, "Tờ khai")
    client = office.client(Role.OFFICER)
    client.get(f"/can-bo/ho-so/{public_id}")
    client.get(f"/can-bo/ho-so/{public_id}?trang={page_id}", headers={"HX-Request": "true"})
    picture = client.get(f"/giay-to/trang/{page_id}")
    assert picture.content_type == "image/webp"
    with office.inside():
        acts = [event.act for event in db.session.query(AuditEvent).order_by(AuditEvent.id)]
    assert acts.count("dossier:open") == 1
    assert acts.count("page:open") == 1


def test_the_word_is_marked_on_the_picture_and_turns_with_it(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    office.page(public_id, "Giấy của ông Khoai Lang")
    client = office.client(Role.OFFICER)
    page = client.get(f"/can-bo/ho-so/{public_id}?tim=khoai lang").text
    assert page.count('class="mc-viewer__mark"') == 1
    assert 'viewBox="0 0 620 877"' in page
    turned = client.get(f"/can-bo/ho-so/{public_id}?tim=khoai lang&xoay=90&co=200").text
    assert 'viewBox="0 0 877 620"' in turned
    assert "translate(877 0) rotate(90)" in turned
    assert "mc-viewer__sheet--200" in turned
    assert "style=" not in turned


def test_htmx_gets_only_the_viewer(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    office.page(public_id, "Tờ khai")
    answer = office.client(Role.OFFICER).get(
        f"/can-bo/ho-so/{public_id}", headers={"HX-Request": "true"}
    )
    assert answer.text.strip().startswith('<section class="mc-viewer" id="dossiers-viewer"')


def test_a_field_to_be_checked_says_so_and_shows_where_it_stands(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    read = {"name": "full_name", "value": "Khoai", "page": 1, "box": [0.1, 0.2, 0.3, 0.4]}
    office.page(public_id, "Khoai", fields=[{**read, "confidence": 0.5, "needs_review": True}])
    client = office.client(Role.OFFICER)
    assert "Cần kiểm tra" in client.get(f"/can-bo/ho-so/{public_id}").text
    marked = client.get(f"/can-bo/ho-so/{public_id}?o=full_name").text
    assert marked.count('class="mc-viewer__mark"') == 1


def test_numbers_that_identify_people_are_masked(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    page = office.client(Role.OFFICER).get(f"/can-bo/ho-so/{public_id}").text
    assert "345" not in re.sub(r'"[^"]*"', "", page)
    assert "••••678" in page


@pytest.mark.parametrize("role", [*DESK_ROLES, Role.LEADER], ids=str)
def test_the_bar_offers_exactly_what_the_table_allows(office: Office, role: Role) -> None:
    client = office.client(role)
    door = DOORS.get(role, "/can-bo")
    for status in SENT:
        public_id = office.dossier(status)
        page = client.get(f"{door}/ho-so/{public_id}")
        if page.status_code == 404:
            continue
        offered = set(re.findall(rf'href="{door}/ho-so/{public_id}/([a-z-]+)"', page.text))
        allowed = set(lifecycle.allowed(status, role.value))
        # These have an applicant with an account, who withdraws himself.
        expected = {SLUGS[verb] for verb in allowed - {Verb.WITHDRAW}}
        assert offered == expected, (role, status)


def test_pages_of_the_desk_are_accessible(office: Office, axe_of_html: Callable[..., None]) -> None:
    public_id = office.dossier(Status.PROCESSING)
    office.page(public_id, "Giấy của ông Khoai Lang")
    waiting = office.dossier(Status.SUPPLEMENT_REQUIRED)
    new = office.dossier(Status.REGISTERED)
    officer, onestop = office.client(Role.OFFICER), office.client(Role.ONESTOP_OFFICER)
    for client, address in (
        (officer, "/can-bo?muc=dang-xu-ly"),
        (officer, "/can-bo/tim?q=khoai"),
        (officer, f"/can-bo/ho-so/{public_id}?tim=khoai"),
        (officer, f"/can-bo/ho-so/{waiting}"),
        (officer, step_address(public_id, Verb.DECIDE, Role.OFFICER)),
        (officer, step_address(public_id, Verb.ASK_SUPPLEMENT, Role.OFFICER)),
        (onestop, step_address(new, Verb.ACCEPT, Role.ONESTOP_OFFICER)),
        (onestop, step_address(new, Verb.REFUSE, Role.ONESTOP_OFFICER)),
    ):
        axe_of_html(client.get(address).text)
    refused = send(office, officer, Role.OFFICER, public_id, Verb.DECIDE, kind=None, summary="")
    axe_of_html(refused.text)

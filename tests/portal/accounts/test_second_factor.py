"""Staff outside the demo prove a second thing, and each proof opens the door once."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.extensions import db
from tests.portal.accounts.conftest import People, enter, is_inside
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.forms import send, token_of

PATH = "/dang-nhap/ma-xac-thuc"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OFFICER = "canbo@test.invalid"


def code_at(moment: TurnedClock, seconds: int = 0, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(int(moment.moment.timestamp()) + seconds)


def give(client: FlaskClient, code: str) -> TestResponse:
    return send(client, PATH, code=code)


@pytest.fixture
def staff(strict: Flask, people: People) -> People:
    """An officer whose authenticator is known to the portal."""
    office = People(strict)
    office.add("canbo", Role.OFFICER)
    office.change(OFFICER, totp_secret=SECRET)
    return office


def waiting(people: People) -> FlaskClient:
    """A browser in which the officer's password was right."""
    client = people.app.test_client()
    answer = enter(client, OFFICER)
    assert answer.location == PATH
    return client


def test_citizen_needs_no_second_factor(strict: Flask, people: People) -> None:
    client = strict.test_client()
    assert enter(client, people.add("congdan", Role.CITIZEN)).location == "/cua-toi"
    assert is_inside(client)


def test_staff_of_the_demo_need_none(client: FlaskClient, people: People) -> None:
    enter(client, people.add("canbo", Role.OFFICER))
    assert is_inside(client)


def test_citizen_who_also_works_here_needs_it(strict: Flask, people: People) -> None:
    client = strict.test_client()
    assert enter(client, people.add("haivai", Role.CITIZEN, Role.COURIER)).location == PATH


def test_password_alone_does_not_let_staff_in(staff: People) -> None:
    assert not is_inside(waiting(staff))
    assert staff.sessions() == []


def test_code_lets_in(staff: People, moment: TurnedClock) -> None:
    client = waiting(staff)
    assert give(client, code_at(moment)).status_code == 303
    assert is_inside(client)


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1} {2}"])
def test_code_may_be_typed_with_spaces(staff: People, moment: TurnedClock, typed: str) -> None:
    code = code_at(moment)
    client = waiting(staff)
    assert give(client, typed.format(code, code[:3], code[3:])).status_code == 303


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_clock_of_the_telephone_may_be_half_a_minute_off(
    staff: People, moment: TurnedClock, seconds: int, good: bool
) -> None:
    client = waiting(staff)
    assert give(client, code_at(moment, seconds)).status_code == (303 if good else 422)
    assert is_inside(client) is good


def test_code_is_good_once(staff: People, moment: TurnedClock) -> None:
    code = code_at(moment)
    assert give(waiting(staff), code).status_code == 303
    second = waiting(staff)
    answer = give(second, code)
    assert answer.status_code == 422
    assert "Mã chưa đúng hoặc đã dùng" in answer.text
    moment.advance(seconds=30)
    assert give(second, code).status_code == 422
    assert give(second, code_at(moment)).status_code == 303


def test_older_code_is_dead_once_a_newer_was_used(staff: People, moment: TurnedClock) -> None:
    give(waiting(staff), code_at(moment))
    assert give(waiting(staff), code_at(moment, -30)).status_code == 422


@on_both_databases
def test_twenty_uses_of_one_code_at_once_open_one_session(
    staff: People, moment: TurnedClock
) -> None:
    """Those that come after the fifth are not even looked at; of the others one is first."""
    clients = [waiting(staff) for _ in range(20)]
    tokens = [token_of(client) for client in clients]
    code, together = code_at(moment), Barrier(20)

    def press(number: int) -> int:
        together.wait()
        return send(clients[number], PATH, code=code, csrf_token=tokens[number]).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(press, range(20)))
    assert answers.count(303) == 1
    assert set(answers) <= {303, 422, 429}
    assert len(staff.sessions()) == 1


def test_code_of_another_person_is_no_good(staff: People, moment: TurnedClock) -> None:
    staff.add("khac", Role.OFFICER)
    staff.change("khac@test.invalid", totp_secret=pyotp.random_base32())
    client = staff.app.test_client()
    enter(client, "khac@test.invalid")
    assert give(client, code_at(moment)).status_code == 422


def test_guesses_end_long_before_a_code_is_found(staff: People, moment: TurnedClock) -> None:
    client = waiting(staff)
    assert [give(client, "000000").status_code for _ in range(5)] == [422] * 5
    answer = give(client, code_at(moment))
    assert answer.status_code == 429
    assert "đợi 5 phút" in answer.text
    moment.advance(minutes=5)
    client = waiting(staff)
    assert [give(client, "000000").status_code for _ in range(5)] == [422] * 5
    moment.advance(minutes=5)
    answer = give(waiting(staff), code_at(moment))
    assert answer.status_code == 429
    assert "đợi 60 phút" in answer.text
    moment.advance(minutes=50)
    assert give(waiting(staff), code_at(moment)).status_code == 303


def test_another_browser_does_not_get_more_guesses(staff: People, moment: TurnedClock) -> None:
    statuses = [give(waiting(staff), "000000").status_code for _ in range(5)]
    assert statuses == [422] * 5
    assert give(waiting(staff), code_at(moment)).status_code == 429


def test_right_password_is_remembered_for_five_minutes(staff: People, moment: TurnedClock) -> None:
    client = waiting(staff)
    moment.advance(minutes=5, seconds=1)
    answer = give(client, code_at(moment))
    assert answer.status_code == 401
    assert "quá 5 phút" in answer.text
    assert not is_inside(client)


def test_account_disabled_between_password_and_code_stays_out(
    staff: People, moment: TurnedClock
) -> None:
    client = waiting(staff)
    staff.change(OFFICER, is_active=False)
    give(client, code_at(moment))
    assert not is_inside(client)


@pytest.mark.parametrize(
    "code", ["", "   ", "abcdef", "12345", "1234567", "１２３４５６", "x" * 9999]
)
def test_what_is_no_code_gets_a_sentence(staff: People, code: str) -> None:
    answer = give(waiting(staff), code)
    assert answer.status_code == 422
    assert "govuk-error-summary" in answer.text


def shown_secret(page: TestResponse) -> str:
    found = re.search(r"<strong>([A-Z2-7]{32})</strong>", page.text)
    assert found, page.text
    return found[1]


@on_both_databases
def test_first_sign_in_takes_down_a_secret_and_proves_it(
    strict: Flask, people: People, moment: TurnedClock
) -> None:
    office = People(strict)
    office.add("canbo", Role.OFFICER)
    client = waiting(office)
    page = client.get(PATH)
    secret = shown_secret(page)
    assert "data:image/svg+xml" in page.text
    assert shown_secret(client.get(PATH)) == secret
    assert give(client, "000000").status_code == 422
    with strict.app_context():
        assert db.session.query(User).one().totp_secret is None
    assert give(client, code_at(moment, secret=secret)).status_code == 303
    with strict.app_context():
        assert db.session.query(User).one().totp_secret == secret
        acts = [row.act for row in db.session.query(AuditEvent)]
    assert acts[-2:] == ["account:enrol_second_factor", "account:sign_in"]
    moment.advance(seconds=30)
    assert "data:image/svg+xml" not in waiting(office).get(PATH).text


def test_secret_being_taken_down_cannot_be_read_from_the_cookie(
    strict: Flask, people: People
) -> None:
    office = People(strict)
    office.add("canbo", Role.OFFICER)
    client = waiting(office)
    secret = shown_secret(client.get(PATH))
    with client.session_transaction() as held:
        assert secret not in str(dict(held))


def test_secret_once_proven_cannot_be_replaced_from_another_browser(
    strict: Flask, people: People, moment: TurnedClock
) -> None:
    office = People(strict)
    office.add("canbo", Role.OFFICER)
    owner, thief = waiting(office), waiting(office)
    mine, theirs = shown_secret(owner.get(PATH)), shown_secret(thief.get(PATH))
    assert give(owner, code_at(moment, secret=mine)).status_code == 303
    moment.advance(seconds=30)
    assert give(thief, code_at(moment, secret=theirs)).status_code == 422
    with strict.app_context():
        assert db.session.query(User).one().totp_secret == mine


def test_second_step_without_the_first_leads_to_the_first(strict: Flask, people: People) -> None:
    client = strict.test_client()
    assert client.get(PATH).location == "/dang-nhap"
    assert give(client, "123456").status_code == 401

"""A signed-in browser: what it holds, how long it lasts, and what ends it."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts import sessions
from portal.accounts.models import Membership, User
from portal.app import create_app
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.doorman import Row, hang_one
from portal.extensions import db
from tests.portal.accounts.conftest import People, cookies, enter, is_inside
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.forms import FROM_HERE, send, token_of
from tests.rig.sign_in import PASSWORD


def token_in(client: FlaskClient) -> str:
    cookie = client.get_cookie("sid")
    assert cookie is not None
    return cookie.value


@pytest.fixture
def citizen(client: FlaskClient, people: People) -> FlaskClient:
    assert enter(client, people.add("congdan", Role.CITIZEN)).status_code == 303
    return client


@pytest.fixture
def officer(client: FlaskClient, people: People) -> FlaskClient:
    assert enter(client, people.add("canbo", Role.OFFICER)).status_code == 303
    return client


def test_database_holds_only_the_digest_of_the_token(citizen: FlaskClient, people: People) -> None:
    token = token_in(citizen)
    (row,) = people.sessions()
    assert row.token_hash == sha256(token.encode()).hexdigest()
    assert len(token) >= 43  # 256 random bits


def test_ten_thousand_tokens_are_all_different(people: People) -> None:
    people.add("congdan", Role.CITIZEN)
    with people.app.app_context(), transaction() as session:
        user = session.query(User).one()
        membership = session.query(Membership).one()
        tokens = {sessions.open_session(user, membership) for _ in range(10_000)}
        session.expunge_all()
    assert len(tokens) == 10_000


def test_signing_in_gives_a_new_token_and_ends_the_old_one(
    citizen: FlaskClient, people: People
) -> None:
    before = token_in(citizen)
    enter(citizen, "congdan@test.invalid")
    assert token_in(citizen) != before
    thief = people.app.test_client()
    thief.set_cookie("sid", before)
    assert not is_inside(thief)
    assert is_inside(citizen)


def test_token_planted_before_signing_in_opens_nothing(client: FlaskClient, people: People) -> None:
    client.set_cookie("sid", "planted")
    enter(client, people.add("congdan", Role.CITIZEN))
    assert token_in(client) != "planted"
    thief = people.app.test_client()
    thief.set_cookie("sid", "planted")
    assert not is_inside(thief)


def test_form_token_of_a_visitor_dies_with_signing_in(client: FlaskClient, people: People) -> None:
    before = token_of(client)
    enter(client, people.add("congdan", Role.CITIZEN), csrf_token=before)
    assert client.post("/dang-xuat", data={"csrf_token": before}).status_code == 403
    assert is_inside(client)


def test_token_is_never_in_an_address_or_a_page(citizen: FlaskClient) -> None:
    token = token_in(citizen)
    page = citizen.get("/vai-tro")
    assert token not in page.text
    thief = citizen.application.test_client()
    assert not is_inside(thief)
    assert thief.get(f"/vai-tro?sid={token}").status_code == 303


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(citizen: FlaskClient) -> None:
    token = token_in(citizen)
    answer = send(citizen, "/dang-xuat")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Expires=Thu, 01 Jan 1970" in cookies(answer)["sid"]
    citizen.set_cookie("sid", token)
    assert not is_inside(citizen)


@on_both_databases
@pytest.mark.parametrize("what", ["disabled", "role removed", "ended by an administrator"])
def test_session_is_dead_on_the_very_next_request(
    officer: FlaskClient, people: People, what: str
) -> None:
    assert is_inside(officer)
    if what == "disabled":
        people.change("canbo@test.invalid", is_active=False)
    elif what == "role removed":
        people.lose_role("canbo@test.invalid", Role.OFFICER)
    else:
        with people.app.app_context(), transaction() as session:
            sessions.end_all(session.query(User).one().id)
    assert not is_inside(officer)


def test_citizen_is_signed_out_after_half_an_hour_away(
    citizen: FlaskClient, moment: TurnedClock
) -> None:
    moment.advance(minutes=30)
    assert is_inside(citizen)
    moment.advance(minutes=30, seconds=1)
    assert not is_inside(citizen)


def test_citizen_who_goes_on_working_stays(citizen: FlaskClient, moment: TurnedClock) -> None:
    for _ in range(8):
        moment.advance(minutes=20)
        assert is_inside(citizen)


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.POSTAL_CLERK])
def test_nobody_stays_longer_than_twelve_hours(
    client: FlaskClient, people: People, moment: TurnedClock, role: Role
) -> None:
    enter(client, people.add("mau", role))
    for _ in range(12 * 6):
        moment.advance(minutes=10)
        assert is_inside(client)
    moment.advance(seconds=1)
    assert not is_inside(client)


def test_being_here_is_written_down_once_a_minute_at_most(
    citizen: FlaskClient, people: People, moment: TurnedClock
) -> None:
    begun = moment.moment
    for _ in range(5):
        moment.advance(seconds=13)
        citizen.get("/vai-tro")
    (row,) = people.sessions()
    assert (row.seen_at - begun).total_seconds() == 65


def test_page_that_asks_by_itself_keeps_nobody_in(
    app: Flask, people: People, moment: TurnedClock
) -> None:
    """Otherwise a counter that shows a page being read would never be locked."""
    other = create_app(app.config["SETTINGS"])
    row = Row("test.polled", "/tu-hoi", lambda: "", frozenset({Role.CITIZEN}), is_polled=True)
    hang_one(other, row)
    client = other.test_client()
    enter(client, people.add("congdan", Role.CITIZEN))
    for _ in range(30):
        moment.advance(minutes=1)
        assert client.get("/tu-hoi").status_code == 200
    moment.advance(seconds=1)
    assert client.get("/tu-hoi").status_code == 303
    with other.app_context():
        db.engine.dispose()


@pytest.fixture
def double(client: FlaskClient, people: People) -> FlaskClient:
    """Somebody who is a citizen, an officer and a leader."""
    enter(client, people.add("haivai", Role.OFFICER, Role.LEADER, Role.CITIZEN))
    return client


def membership(people: People, role: Role) -> int:
    with people.app.app_context():
        return db.session.query(Membership).filter_by(role=role).one().id


def test_role_can_be_changed_and_the_old_session_ends(double: FlaskClient, people: People) -> None:
    before = token_in(double)
    assert "Cán bộ thụ lý" in double.get("/").text
    answer = send(double, "/vai-tro", membership=membership(people, Role.LEADER))
    assert answer.status_code == 303
    assert "Lãnh đạo" in double.get("/").text
    double.set_cookie("sid", before)
    assert not is_inside(double)
    with people.app.app_context():
        last = db.session.query(AuditEvent).order_by(AuditEvent.id.desc()).first()
        assert last is not None
        assert (last.act, last.role, last.detail) == (
            "account:take_role",
            "officer",
            {"role_taken": "leader"},
        )


def test_changing_roles_does_not_prolong_the_twelve_hours(
    double: FlaskClient, people: People, moment: TurnedClock
) -> None:
    roles = [membership(people, role) for role in (Role.LEADER, Role.OFFICER)]
    for hour in range(12):
        for _ in range(6):
            moment.advance(minutes=10)
            assert is_inside(double)
        assert send(double, "/vai-tro", membership=roles[hour % 2]).status_code == 303
    moment.advance(seconds=1)
    assert not is_inside(double)


@pytest.mark.parametrize("wanted", ["", "0", "-1", "x", "9" * 40, "another's", "removed"])
def test_only_a_role_of_ones_own_can_be_taken(
    double: FlaskClient, people: People, wanted: str
) -> None:
    if wanted == "another's":
        people.add("khac", Role.ADMIN)
        wanted = str(membership(people, Role.ADMIN))
    if wanted == "removed":
        people.lose_role("haivai@test.invalid", Role.LEADER)
        wanted = str(membership(people, Role.LEADER))
    assert send(double, "/vai-tro", membership=wanted).status_code == 403
    assert "Cán bộ thụ lý" in double.get("/").text


def test_only_ones_own_roles_are_offered(double: FlaskClient, people: People) -> None:
    people.add("khac", Role.ADMIN)
    people.lose_role("haivai@test.invalid", Role.LEADER)
    page = double.get("/vai-tro").text
    assert "Cán bộ thụ lý" in page
    assert "Công dân" in page
    assert "Quản trị" not in page
    assert "Lãnh đạo" not in page


@pytest.mark.usefixtures("full_price")
def test_password_is_nowhere_in_the_database(citizen: FlaskClient, people: People) -> None:
    with people.app.app_context():
        kept = db.session.query(User).one().password_hash
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in kept


@on_both_databases
def test_two_changes_of_role_at_the_same_moment_open_one_session(
    app: Flask, people: People
) -> None:
    email = people.add("kiemnhiem", Role.OFFICER, Role.LEADER)
    client = app.test_client()
    enter(client, email)
    with app.app_context():
        leader = db.session.query(Membership).filter_by(role=Role.LEADER).one().id
    fields = {"membership": str(leader), "csrf_token": token_of(client)}
    session, form = client.get_cookie("sid"), client.get_cookie("form")
    assert session is not None
    assert form is not None
    together = Barrier(4)

    def press(_: int) -> int:
        window = app.test_client()
        window.set_cookie(session.key, session.value)
        window.set_cookie(form.key, form.value)
        together.wait()
        return window.post("/vai-tro", data=fields, headers=FROM_HERE).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(press, range(4)))
    assert answers[0] == 303
    assert set(answers[1:]) <= {401, 409}
    assert sum(row.ended_at is None for row in people.sessions()) == 1

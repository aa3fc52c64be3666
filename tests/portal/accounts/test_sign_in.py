"""Who may come in, how often one may try, and what the answer tells a stranger."""

import statistics
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts import passwords, services, throttle
from portal.accounts.models import Throttle
from portal.audit.models import AuditEvent
from portal.db import transaction
from portal.errors import Invalid, TooMany
from portal.extensions import db
from tests.portal.accounts.conftest import People, cookies, enter, is_inside
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.forms import send
from tests.rig.sign_in import PASSWORD

WRONG = "not the password at all"


def test_right_password_opens(client: FlaskClient, people: People) -> None:
    answer = enter(client, people.add("mau", Role.CITIZEN))
    assert answer.status_code == 303
    assert is_inside(client)


def test_name_is_taken_without_regard_to_case_and_space(
    client: FlaskClient, people: People
) -> None:
    assert enter(client, f"  {people.add('mau', Role.CITIZEN).upper()} ").status_code == 303


def test_password_may_be_typed_on_any_keyboard(client: FlaskClient, people: People) -> None:
    """Vietnamese letters can be sent composed or as letter and marks; people cannot tell."""
    email = people.add("mau", Role.CITIZEN)
    with people.app.app_context():
        people.change(email, password_hash=passwords.hash_password("mật khẩu của tôi"))
    taken_apart = unicodedata.normalize("NFD", "mật khẩu của tôi")
    assert enter(client, email, taken_apart).status_code == 303


@pytest.mark.parametrize("long", [64, 200, 256])
def test_no_letter_of_a_long_password_is_dropped(long: int) -> None:
    stored = passwords.hash_password("x" * long)
    assert passwords.is_right("x" * long, stored)
    assert not passwords.is_right("x" * (long - 1) + "y", stored)
    assert not passwords.is_right("x" * (long - 1), stored)


def test_short_password_makes_no_account(app: Flask) -> None:
    with app.app_context(), pytest.raises(Invalid, match="từ 12 ký tự"), transaction():
        services.create("mau@test.invalid", "Mẫu", "eleven char", Role.CITIZEN)


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("", PASSWORD, "Nhập thư điện tử của Ông/Bà."),
        ("mau@test.invalid", "", "Nhập mật khẩu."),
        ("x" * 201, PASSWORD, "dài quá 200 ký tự"),
        ("mau@test.invalid", "x" * 257, "dài quá 256 ký tự"),
    ],
)
def test_empty_and_overlong_fields_get_a_sentence(
    client: FlaskClient, email: str, password: str, sentence: str
) -> None:
    answer = enter(client, email, password)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_typed_name_stays_and_typed_password_does_not(client: FlaskClient) -> None:
    answer = enter(client, "mau@test.invalid", WRONG)
    assert 'value="mau@test.invalid"' in answer.text
    assert WRONG not in answer.text


@pytest.mark.parametrize("reason", ["unknown", "wrong", "disabled", "without a role"])
def test_every_refusal_reads_the_same(client: FlaskClient, people: People, reason: str) -> None:
    email = people.add("mau", Role.OFFICER)
    password = WRONG if reason == "wrong" else PASSWORD
    if reason == "unknown":
        email = "nobody@test.invalid"
    if reason == "disabled":
        people.change(email, is_active=False)
    if reason == "without a role":
        people.lose_role(email, Role.OFFICER)
    answer = enter(client, email, password)
    assert answer.status_code == 422
    assert "Thư điện tử hoặc mật khẩu chưa đúng." in answer.text
    assert not is_inside(client)


def test_unknown_account_takes_as_long_as_a_known_one(people: People) -> None:
    """That the hash is reckoned for nobody too: it takes a hundred times as long as all the rest.

    In the processor's time, and far from any border; how alike they are is measured by the proof
    of tests/portal/ground/test_alike.py.
    """
    known = people.add("mau", Role.CITIZEN)

    def spent(email: str) -> float:
        begun = time.thread_time()
        assert services.check_password(email, WRONG, "127.0.0.1") is None
        return time.thread_time() - begun

    times: dict[str, list[float]] = {known: [], "nobody@test.invalid": []}
    with people.app.app_context():
        for _ in range(9):
            for email, seen in times.items():
                throttle.forgive(f"account:{email}")
                throttle.forgive("address:127.0.0.1")
                seen.append(spent(email))
    one, other = (statistics.median(seen) for seen in times.values())
    assert min(one, other) > 0.25 * max(one, other)


@on_both_databases
def test_sixth_try_in_a_minute_is_refused_even_when_right(
    client: FlaskClient, people: People, moment: TurnedClock
) -> None:
    email = people.add("mau", Role.CITIZEN)
    for _ in range(5):
        assert enter(client, email, WRONG).status_code == 422
    refused = enter(client, email)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "thử quá nhiều lần" in refused.text
    moment.advance(seconds=59)
    assert enter(client, email).status_code == 429
    moment.advance(seconds=1)
    assert enter(client, email).status_code == 303


def test_tries_go_on_counting_after_a_wrong_one_only(client: FlaskClient, people: People) -> None:
    """Who mistypes now and then is not shut out: success starts the count anew."""
    email = people.add("mau", Role.CITIZEN)
    for _ in range(3):
        for _ in range(4):
            enter(client, email, WRONG)
        assert enter(client, email).status_code == 303


def test_throttling_one_account_leaves_others_alone(client: FlaskClient, people: People) -> None:
    email, other = people.add("mau", Role.CITIZEN), people.add("khac", Role.CITIZEN)
    for _ in range(6):
        enter(client, email, WRONG)
    assert enter(client, other).status_code == 303


def test_unknown_account_is_throttled_just_the_same(client: FlaskClient, people: People) -> None:
    statuses = [enter(client, "nobody@test.invalid", WRONG).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_many_accounts_from_one_address_are_throttled(client: FlaskClient, people: People) -> None:
    email = people.add("mau", Role.CITIZEN)
    statuses = [enter(client, f"nobody{n}@test.invalid", WRONG).status_code for n in range(31)]
    assert statuses == [422] * 30 + [429]
    assert enter(client, email).status_code == 429


def test_address_is_not_believed_from_a_header(client: FlaskClient, people: People) -> None:
    email = people.add("mau", Role.CITIZEN)
    for number in range(5):
        forged = {"X-Forwarded-For": f"192.0.2.{number}"}
        send(client, "/dang-nhap", headers=forged, email=f"n{number}@test.invalid", password=WRONG)
    with people.app.app_context():
        keys = [row.key for row in db.session.query(Throttle).filter_by(tries=5)]
    assert len([key for key in keys if key.startswith("address:")]) == 1
    assert enter(client, email).status_code == 303


@on_both_databases
def test_of_many_tries_at_once_none_is_forgotten(people: People) -> None:
    together = Barrier(20)

    def attempt(_number: int) -> bool:
        with people.app.app_context():
            together.wait()
            try:
                throttle.spend("account:mau", most=5, seconds=60)
            except TooMany:
                return False
            return True

    with ThreadPoolExecutor(20) as pool:
        allowed = list(pool.map(attempt, range(20)))
    assert sum(allowed) == 5
    with people.app.app_context():
        assert db.session.query(Throttle).one().tries == 20


def test_what_was_typed_as_a_name_is_kept_nowhere(client: FlaskClient, people: People) -> None:
    """People type their password into the wrong field."""
    enter(client, "my secret password", "x")
    with people.app.app_context():
        kept = [row.key for row in db.session.query(Throttle)]
        kept += [f"{row.subject_id} {row.detail}" for row in db.session.query(AuditEvent)]
    assert not any("secret" in text for text in kept)


def test_old_counts_are_dropped(people: People, moment: TurnedClock) -> None:
    with people.app.app_context():
        throttle.spend("account:mau", most=5, seconds=60)
        moment.advance(hours=24, seconds=1)
        with transaction():
            throttle.forget_old()
        assert db.session.query(Throttle).count() == 0


def test_coming_in_and_failing_are_written_down(client: FlaskClient, people: People) -> None:
    email = people.add("mau", Role.CITIZEN)
    enter(client, email, WRONG)
    enter(client, "nobody@test.invalid", WRONG)
    enter(client, email)
    send(client, "/dang-xuat")
    with people.app.app_context():
        acts = [(row.act, row.subject_kind) for row in db.session.query(AuditEvent)]
    assert acts[1:] == [
        ("account:sign_in_failed", "User"),
        ("account:sign_in_failed", "str"),
        ("account:sign_in", "User"),
        ("account:sign_out", "str"),
    ]


def test_cookie_over_http_is_plain_and_over_https_host_bound(
    app: Flask, https: Flask, people: People
) -> None:
    email = people.add("mau", Role.CITIZEN)
    plain = cookies(enter(app.test_client(), email))["sid"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    visitor = https.test_client()
    base = "https://mot-cua.test.invalid"
    page = visitor.get("/dang-nhap", base_url=base)
    token = page.text.partition('name="csrf-token" content="')[2].partition('"')[0]
    answer = visitor.post(
        "/dang-nhap",
        base_url=base,
        data={"email": email, "password": PASSWORD, "csrf_token": token},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 303
    for name in ("__Host-sid", "__Host-form"):
        attributes = (cookies(page) | cookies(answer))[name]
        assert "Secure" in attributes
        assert "HttpOnly" in attributes
        assert "Path=/" in attributes
        assert "Domain" not in attributes
        assert "SameSite=Lax" in attributes

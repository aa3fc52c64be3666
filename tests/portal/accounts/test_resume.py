"""Whoever comes back finds the form as it was: every word, no secret, and nobody else's."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pyotp
import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from portal import cloakroom, htmx, idempotency
from portal.access import SIGNED_IN, Role, the_actor
from portal.accounts import owners, resume
from portal.accounts.models import Membership, ParkedForm
from portal.app import create_app
from portal.audit.services import record
from portal.db import transaction
from portal.doorman import Row, do, hang_one
from portal.extensions import db
from tests.portal.accounts.conftest import People, enter, hidden, is_inside, post_again
from tests.rig.clocks import TurnedClock
from tests.rig.forms import FROM_HERE, new_key, send, token_of
from tests.rig.sign_in import PASSWORD

PATH = "/cua-thu"
TYPED = {
    "name": "Nguyễn Thị Mẫu “A” <b>&amp;</b>",
    "note": "Dòng một\r\nDòng hai\r\n\r\n  lùi vào\t|",
    "papers": ["1", "3", "2"],
    "empty": "",
    "emoji": "📄",
}


class Desk:
    """A site with one door that writes down exactly what it was sent."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.got: list[MultiDict[str, str]] = []
        hang_one(app, Row("desk.page", PATH, owners.mark, SIGNED_IN))
        hang_one(app, do("desk.send", PATH, self.take, SIGNED_IN))
        self.people = People(app)

    def take(self) -> ResponseReturnValue:
        with transaction():
            record("test:take", "form", by=the_actor())
            response = idempotency.keep(htmx.go("/xong"))
        self.got.append(request.form)
        return response


def made(app: Flask, **changes: object) -> Iterator[Desk]:
    desk = Desk(create_app(replace(app.config["SETTINGS"], **changes)))
    yield desk
    with desk.app.app_context():
        db.engine.dispose()


@pytest.fixture
def desk(app: Flask, moment: TurnedClock) -> Iterator[Desk]:
    yield from made(app)


@pytest.fixture
def strict_desk(app: Flask, moment: TurnedClock) -> Iterator[Desk]:
    yield from made(app, demo=False)


FRAME = ("csrf_token", "form_owner", "kept_words")


def without_token(form: MultiDict[str, str]) -> dict[str, list[str]]:
    return {name: values for name, values in form.lists() if name not in FRAME}


def offered_to(client: FlaskClient, answer: TestResponse) -> TestResponse:
    """Where the browser goes by itself when somebody has come in."""
    assert answer.status_code == 303
    return client.get(answer.location or "")


def expected(key: str) -> dict[str, list[str]]:
    lists = {name: value if isinstance(value, list) else [value] for name, value in TYPED.items()}
    return lists | {"idempotency_key": [key]}


def sign_in_from(page: TestResponse, client: FlaskClient, email: str) -> TestResponse:
    """Fill in the sign-in form as it stands in `page`, hidden fields and all."""
    fields = hidden(page, "/dang-nhap") | {"email": [email], "password": [PASSWORD]}
    answer = post_again(client, "/dang-nhap", fields)
    return offered_to(client, answer) if answer.status_code == 303 else answer


def test_form_of_an_ended_session_comes_back_word_for_word(desk: Desk, moment: TurnedClock) -> None:
    email, client, key = desk.people.add("congdan", Role.CITIZEN), desk.app.test_client(), new_key()
    enter(client, email)
    moment.advance(minutes=31)
    asked = send(client, PATH, idempotency_key=key, **TYPED)
    assert asked.status_code == 401
    assert "vẫn còn" in asked.text
    offered = sign_in_from(asked, client, email)
    assert "Nội dung đã nhập vẫn còn nguyên" in offered.text
    assert desk.got == []
    sent = post_again(client, PATH, hidden(offered, PATH))
    assert sent.location == "/xong"
    assert [without_token(form) for form in desk.got] == [expected(key)]


def test_mistyped_password_in_between_loses_nothing(desk: Desk, moment: TurnedClock) -> None:
    email, client, key = desk.people.add("congdan", Role.CITIZEN), desk.app.test_client(), new_key()
    enter(client, email)
    moment.advance(minutes=31)
    asked = send(client, PATH, idempotency_key=key, **TYPED)
    fields = hidden(asked, "/dang-nhap") | {"email": [email], "password": ["wrong"]}
    again = post_again(client, "/dang-nhap", fields)
    assert again.status_code == 422
    offered = sign_in_from(again, client, email)
    post_again(client, PATH, hidden(offered, PATH))
    assert [without_token(form) for form in desk.got] == [expected(key)]


def test_second_factor_in_between_loses_nothing(strict_desk: Desk, moment: TurnedClock) -> None:
    people, client, key = strict_desk.people, strict_desk.app.test_client(), new_key()
    email, secret = people.add("canbo", Role.OFFICER), pyotp.random_base32()
    people.change(email, totp_secret=secret)
    long = {"note": "Ý kiến của cán bộ. " * 2000}
    mark = people.mark(email)
    asked = send(client, PATH, form_owner=mark, idempotency_key=key, **(TYPED | long))
    second = sign_in_from(asked, client, email)
    code = pyotp.TOTP(secret).at(moment.moment)
    path = "/dang-nhap/ma-xac-thuc"
    wrong = post_again(client, path, hidden(second, path) | {"code": ["000000"]})
    assert wrong.status_code == 422
    answer = post_again(client, path, hidden(wrong, path) | {"code": [code]})
    offered = offered_to(client, answer)
    post_again(client, PATH, hidden(offered, PATH))
    assert [without_token(form) for form in strict_desk.got] == [
        expected(key) | {"note": [long["note"]]}
    ]


def test_work_behind_the_shield_comes_back_word_for_word(desk: Desk, moment: TurnedClock) -> None:
    email, client, key = (
        desk.people.add("buudien", Role.POSTAL_CLERK),
        desk.app.test_client(),
        new_key(),
    )
    enter(client, email)
    moment.advance(minutes=15, seconds=1)
    shield = send(client, PATH, idempotency_key=key, **TYPED)
    assert shield.status_code == 403
    assert "Màn hình đang khoá" in shield.text
    assert "Người buudien" in shield.text
    fields = hidden(shield, "/mo-khoa")
    wrong = post_again(client, "/mo-khoa", fields | {"password": ["wrong"]})
    assert wrong.status_code == 422
    answer = post_again(client, "/mo-khoa", hidden(wrong, "/mo-khoa") | {"password": [PASSWORD]})
    offered = offered_to(client, answer)
    assert desk.got == []
    post_again(client, PATH, hidden(offered, PATH))
    assert [without_token(form) for form in desk.got] == [expected(key)]


@pytest.fixture
def clerk(desk: Desk) -> FlaskClient:
    client = desk.app.test_client()
    enter(client, desk.people.add("buudien", Role.POSTAL_CLERK, Role.CITIZEN))
    return client


def test_staff_away_for_a_quarter_of_an_hour_find_the_shield(
    clerk: FlaskClient, moment: TurnedClock
) -> None:
    moment.advance(minutes=15)
    assert clerk.get(PATH).status_code == 200
    moment.advance(minutes=15, seconds=1)
    assert clerk.get(PATH).status_code == 403
    moment.advance(minutes=30)
    shield = clerk.get(PATH)
    assert shield.status_code == 403
    assert hidden(shield, "/mo-khoa")["next"] == [PATH]


def test_unlocking_leads_back_to_the_page(clerk: FlaskClient) -> None:
    send(clerk, "/khoa")
    shield = clerk.get(f"{PATH}?trang=2")
    answer = post_again(clerk, "/mo-khoa", hidden(shield, "/mo-khoa") | {"password": [PASSWORD]})
    assert answer.location == f"{PATH}?trang=2"
    assert clerk.get(PATH).status_code == 200


def test_locked_screen_lets_nothing_through_but_leaving(desk: Desk, clerk: FlaskClient) -> None:
    """Whoever stands at the counter can neither change the role nor send a form."""
    send(clerk, "/khoa")
    with desk.app.app_context():
        roles = [row.id for row in db.session.query(Membership)]
    for number in roles:
        assert send(clerk, "/vai-tro", membership=number).status_code == 403
    assert clerk.get("/vai-tro").status_code == 403
    assert send(clerk, PATH, idempotency_key=new_key(), **TYPED).status_code == 403
    assert desk.got == []
    assert send(clerk, "/dang-xuat").status_code == 303
    assert not is_inside(clerk)


def test_guesses_at_the_shield_count_with_those_at_the_door(
    desk: Desk, clerk: FlaskClient, moment: TurnedClock
) -> None:
    send(clerk, "/khoa")
    tries = [send(clerk, "/mo-khoa", password="wrong").status_code for _ in range(3)]
    visitor = desk.app.test_client()
    tries += [enter(visitor, "buudien@test.invalid", "wrong").status_code for _ in range(2)]
    assert tries == [422] * 5
    assert send(clerk, "/mo-khoa", password=PASSWORD).status_code == 429
    moment.advance(minutes=1)
    assert send(clerk, "/mo-khoa", password=PASSWORD).status_code == 303


def test_token_that_is_too_old_is_renewed_without_losing_a_word(desk: Desk) -> None:
    """A browser that was restarted keeps its pages, but not the cookie their tokens belong to."""
    client, key = desk.app.test_client(), new_key()
    enter(client, desk.people.add("congdan", Role.CITIZEN))
    mark = client.get(PATH).text
    client.delete_cookie("form")
    stale = {"csrf_token": "stale", "form_owner": mark}
    offered = send(client, PATH, idempotency_key=key, **stale, **TYPED)
    assert offered.status_code == 400
    post_again(client, PATH, hidden(offered, PATH))
    assert [without_token(form) for form in desk.got] == [expected(key)]


SECRETS = ["csrf_token", "password", "new_password", "Password2", "mat_khau_moi"]


def test_secrets_are_never_kept(desk: Desk) -> None:
    client, email = desk.app.test_client(), desk.people.add("congdan", Role.CITIZEN)
    fields = {name: f"secret-of-{name}" for name in SECRETS[1:]}
    asked = send(client, PATH, name="Mẫu", form_owner=desk.people.mark(email), **fields)
    assert asked.status_code == 401
    offered = sign_in_from(asked, client, email)
    assert "secret-of" not in asked.text + offered.text
    assert set(hidden(offered, PATH)) == {"csrf_token", "form_owner", "kept_words", "name"}


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.test"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_form_from_another_site_is_refused_at_once(desk: Desk, headers: dict[str, str]) -> None:
    answer = desk.app.test_client().post(PATH, data=TYPED, headers=headers)
    assert answer.status_code == 403
    assert "Nguyễn Thị Mẫu" not in answer.text


def test_form_of_unknown_origin_does_not_wait_for_whoever_signs_in(desk: Desk) -> None:
    """Another site could lay it down here, to be sent in the name of the next person."""
    answer = desk.app.test_client().post(PATH, data=TYPED)
    assert answer.status_code == 401
    assert "Nguyễn Thị Mẫu" not in answer.text
    assert hidden(answer, "/dang-nhap")["resume"] == [""]


def test_good_token_proves_the_form_to_be_ours(desk: Desk) -> None:
    """For browsers that say nothing of where a form came from."""
    client, email = desk.app.test_client(), desk.people.add("congdan", Role.CITIZEN)
    form = TYPED | {"form_owner": desk.people.mark(email)}
    answer = client.post(PATH, data=form | {"csrf_token": token_of(client)})
    assert hidden(answer, "/dang-nhap")["resume"] != [""]


def test_token_too_old_from_nowhere_is_refused(desk: Desk) -> None:
    client = desk.app.test_client()
    enter(client, desk.people.add("congdan", Role.CITIZEN))
    answer = client.post(PATH, data=TYPED | {"idempotency_key": new_key()})
    assert answer.status_code == 403
    assert desk.got == []


def test_form_too_long_to_carry_is_refused_rather_than_cut(desk: Desk) -> None:
    mark = desk.people.mark(desk.people.add("congdan", Role.CITIZEN))
    answer = send(desk.app.test_client(), PATH, form_owner=mark, note="x" * resume.LONGEST)
    assert answer.status_code == 413
    assert "rút ngắn nội dung" in answer.text
    assert "tệp nhỏ hơn" not in answer.text


def test_mark_is_worth_nothing_after_a_day(desk: Desk, moment: TurnedClock) -> None:
    mark = desk.people.mark(desk.people.add("congdan", Role.CITIZEN))
    moment.advance(hours=24, seconds=1)
    send(desk.app.test_client(), PATH, form_owner=mark, note="Sau một ngày")
    with desk.app.app_context():
        assert db.session.query(ParkedForm).count() == 0


def test_what_others_send_with_a_mark_leaves_its_person_all_room(
    desk: Desk, moment: TurnedClock
) -> None:
    """Somebody without the cookie may leave words, at an expense of his own."""
    email, stranger = desk.people.add("congdan", Role.CITIZEN), desk.app.test_client()
    mark, token = desk.people.mark(email), token_of(stranger)
    form = {"form_owner": mark, "csrf_token": token, "note": "x"}
    answers = [
        stranger.post(PATH, data=form, headers=FROM_HERE).status_code
        for _ in range(cloakroom.FORMS_PER_HOUR + 1)
    ]
    assert answers[-1] == 429
    client = desk.app.test_client()
    enter(client, email)
    moment.advance(minutes=31)
    assert send(client, PATH, idempotency_key=new_key(), **TYPED).status_code == 401


def test_longest_form_comes_back_whole(desk: Desk, moment: TurnedClock) -> None:
    client, email = desk.app.test_client(), desk.people.add("congdan", Role.CITIZEN)
    note = "ấ" * (resume.LONGEST - 100)
    asked = send(client, PATH, form_owner=desk.people.mark(email), note=note)
    offered = sign_in_from(asked, client, email)
    assert hidden(offered, PATH)["note"] == [note]


def test_fragment_of_an_ended_session_leaves_its_page(desk: Desk) -> None:
    """Nobody pressed anything, and something may stand typed there."""
    answer = desk.app.test_client().get(PATH, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Reswap"] == "none"
    assert list(json.loads(answer.headers["HX-Trigger"])) == ["ended"]
    assert "HX-Retarget" not in answer.headers


def test_form_sent_by_htmx_can_be_continued_without_it(desk: Desk, moment: TurnedClock) -> None:
    client, email, key = desk.app.test_client(), desk.people.add("congdan", Role.CITIZEN), new_key()
    fields = TYPED | {"idempotency_key": key, "csrf_token": token_of(client)}
    fields["form_owner"] = desk.people.mark(email)
    asked = client.post(PATH, data=fields, headers=FROM_HERE | {"HX-Request": "true"})
    offered = sign_in_from(asked, client, email)
    assert post_again(client, PATH, hidden(offered, PATH)).status_code == 303
    assert [without_token(form) for form in desk.got] == [expected(key)]

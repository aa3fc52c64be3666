"""Who guesses learns nothing: whatever is wrong, the answer is the same, and takes as long."""

import re
import time
from collections.abc import Callable
from statistics import median

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.accounts import services
from portal.accounts.models import Membership, Throttle, User
from portal.db import transaction
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.world import World, make_dossier, make_world
from tests.rig.forms import send, token_of
from tests.rig.sign_in import PASSWORD

# As long as each other, so that what was typed makes no difference of its own.
UNKNOWN = "H32.10-261122-9999"
MALFORMED = "khong phai ma dau!"
WRONG_KEY = "AAAAAA"
WRONG = "wrong all the same"
KNOWN, NOBODY, GONE, IDLE = (f"{name}@test.invalid" for name in ("quen", "khac", "nghi", "roi0"))
PAIRS = 200


@pytest.fixture
def world(app: Flask) -> World:
    with app.test_request_context():
        return make_world()


@pytest.fixture
def code(app: Flask, world: World) -> str:
    """The code of a dossier that exists."""
    with app.test_request_context():
        public_id = make_dossier(world, world.actor(Role.CITIZEN))
        return db.session.query(Dossier).filter_by(public_id=public_id).one().code or ""


@pytest.fixture
def accounts(app: Flask) -> None:
    """Somebody who may come in, one who was shut out, and one who has no role left."""
    with app.app_context(), transaction() as session:
        for email in (KNOWN, GONE, IDLE):
            services.create(email, "Người Quen", PASSWORD, Role.CITIZEN)
        session.query(User).filter_by(email=GONE).update({"is_active": False})
        idle = session.query(User).filter_by(email=IDLE).one()
        session.query(Membership).filter_by(user_id=idle.id).update({"is_active": False})


def bare(answer: TestResponse, *typed: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, body and headers without what was typed and what is new each time."""
    text = re.sub(r'(csrf[_-]token"? (?:value|content)=")[^"]*', r"\1", answer.text)
    for word in typed:
        text = text.replace(word, "")
    changing = ("Date", "Content-Length", "Set-Cookie")
    return answer.status_code, text, [one for one in answer.headers if one[0] not in changing]


def test_every_wrong_look_up_gets_one_answer(client: FlaskClient, code: str) -> None:
    answers = [
        bare(send(client, "/tra-cuu", code=typed, key=WRONG_KEY), typed)
        for typed in (code, UNKNOWN, MALFORMED)
    ]
    assert answers[0][0] == 422
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


@pytest.mark.usefixtures("accounts")
def test_every_wrong_sign_in_gets_one_answer(app: Flask) -> None:
    tries = ((KNOWN, WRONG), (NOBODY, WRONG), (GONE, WRONG), (GONE, PASSWORD), (IDLE, PASSWORD))
    answers = [
        bare(send(app.test_client(), "/dang-nhap", email=email, password=password), email)
        for email, password in tries
    ]
    assert answers[0][0] == 422
    assert answers == [answers[0]] * len(tries)


def timed(app: Flask, asks: dict[str, Callable[[FlaskClient, str], TestResponse]]) -> list[float]:
    """The median time of each, asked in turn, with no try remembered from the turn before."""
    client = app.test_client()
    token = token_of(client)
    took: dict[str, list[float]] = {name: [] for name in asks}
    for turn in range(PAIRS + 20):
        names = sorted(asks, reverse=bool(turn % 2))
        for name in names:
            with app.app_context(), transaction() as session:
                session.query(Throttle).delete()
            started = time.perf_counter()
            answer = asks[name](client, token)
            spent = time.perf_counter() - started
            assert answer.status_code == 422
            if turn >= 20:  # the first ones warm up
                took[name].append(spent)
    for name, times in took.items():
        print(f"{name}: median {median(times) * 1000:.2f} ms of {len(times)}")
    return [median(times) for times in took.values()]


@pytest.mark.proof
def test_a_wrong_look_up_takes_as_long_whatever_is_wrong(app: Flask, code: str) -> None:
    def ask(typed: str) -> Callable[[FlaskClient, str], TestResponse]:
        return lambda client, token: send(
            client, "/tra-cuu", code=typed, key=WRONG_KEY, csrf_token=token
        )

    medians = timed(
        app,
        {"a code that exists": ask(code), "unknown": ask(UNKNOWN), "malformed": ask(MALFORMED)},
    )
    assert max(medians) <= min(medians) * 1.1


@pytest.mark.proof
@pytest.mark.usefixtures("accounts")
def test_a_wrong_sign_in_takes_as_long_whoever_it_is(app: Flask) -> None:
    def ask(email: str, password: str = WRONG) -> Callable[[FlaskClient, str], TestResponse]:
        return lambda client, token: send(
            client, "/dang-nhap", email=email, password=password, csrf_token=token
        )

    medians = timed(
        app,
        {
            "somebody, wrong password": ask(KNOWN),
            "nobody": ask(NOBODY),
            "shut out, wrong password": ask(GONE),
            "shut out, right password": ask(GONE, PASSWORD),
        },
    )
    assert max(medians) <= min(medians) * 1.1

"""One intention, one effect, one answer: on both databases, and however often it is sent."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier

import pytest
from flask import request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, func, select, text
from werkzeug.test import TestResponse

from portal import htmx, idempotency
from portal.access import SIGNED_IN, the_actor
from portal.crypto import Keyring
from portal.db import on_commit, transaction
from portal.doorman import do
from portal.dossiers.models.dossier import Dossier
from portal.errors import Conflict
from portal.extensions import db
from portal.idempotency import IdempotencyKey
from tests.factories.world import make_dossier
from tests.portal.ground.conftest import Workshop
from tests.rig import on_both_databases
from tests.rig.forms import new_key, send, token_of

PATH = "/gui-ho-so"


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    """With a door where a whole dossier is sent, and gets its code."""

    def view() -> ResponseReturnValue:
        name = request.form.get("name", "")
        if not name:
            return "Nhập họ và tên.", 422
        with transaction() as session:
            public_id = make_dossier(workshop.world, the_actor(), name=name)
            if name == "Người Bị Từ Chối":
                raise Conflict
            code = session.scalar(select(Dossier.code).filter_by(public_id=public_id))
            on_commit(lambda: None)
            return idempotency.keep(htmx.go(f"/ho-so/{code}"))

    workshop.hang(do("test.send", PATH, view, SIGNED_IN))
    return workshop


def dossiers(shop: Workshop) -> int:
    with shop.app.app_context():
        return db.session.scalar(select(func.count(Dossier.id))) or 0


def keys(shop: Workshop) -> list[IdempotencyKey]:
    with shop.app.app_context():
        return list(db.session.scalars(select(IdempotencyKey)))


def one(client: FlaskClient, key: str, **more: object) -> TestResponse:
    return send(client, PATH, **({"idempotency_key": key, "name": "Nguyễn Thị Mẫu"} | more))


@on_both_databases
def test_twenty_at_once_make_one_dossier_and_get_one_answer(shop: Workshop) -> None:
    key, together = new_key(), Barrier(20)

    def press(client: FlaskClient) -> TestResponse:
        together.wait()
        return one(client, key)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(press, shop.clients(20)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert dossiers(shop) == 1
    assert len(keys(shop)) == 1


@on_both_databases
def test_answer_is_replayed_whole(shop: Workshop) -> None:
    client, key = shop.citizen(), new_key()
    first, second = one(client, key), one(client, key)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert first.data == second.data
    assert first.content_type == second.content_type
    assert dossiers(shop) == 1


def test_answer_to_htmx_is_replayed_whole(shop: Workshop) -> None:
    client, key, fragment = shop.citizen(), new_key(), {"HX-Request": "true"}
    answers = [one(client, key, headers=fragment) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[0].headers["HX-Redirect"] == answers[1].headers["HX-Redirect"]
    assert dossiers(shop) == 1


@on_both_databases
def test_another_content_under_the_same_key_is_refused(shop: Workshop) -> None:
    client, key = shop.citizen(), new_key()
    one(client, key)
    answer = one(client, key, name="Trần Văn Khác")
    assert answer.status_code == 409
    assert "đã được gửi với nội dung khác" in answer.text
    assert dossiers(shop) == 1


def test_another_file_under_the_same_key_is_refused(shop: Workshop) -> None:
    client, key = shop.citizen(), new_key()
    answers = [
        one(client, key, paper=(BytesIO(content), "don.pdf")).status_code
        for content in (b"one", b"one", b"two")
    ]
    assert answers == [303, 303, 409]


def test_order_of_values_is_part_of_the_content(shop: Workshop) -> None:
    client, key = shop.citizen(), new_key()
    answers = [
        one(client, key, papers=papers).status_code
        for papers in (["1", "2"], ["1", "2"], ["2", "1"])
    ]
    assert answers == [303, 303, 409]


def test_fresh_token_does_not_change_the_content(shop: Workshop) -> None:
    """The token is signed anew for each page, and is no part of what a person wanted."""
    client, key = shop.citizen(), new_key()
    one(client, key)
    assert one(client, key, csrf_token=token_of(client)).status_code == 303


def test_new_key_is_a_new_intention(shop: Workshop) -> None:
    client = shop.citizen()
    places = {one(client, new_key()).location for _ in range(2)}
    assert len(places) == 2
    assert dossiers(shop) == 2


def test_key_of_another_person_answers_nothing(shop: Workshop) -> None:
    key = new_key()
    places = {one(shop.citizen(), key).location for _ in range(2)}
    assert len(places) == 2


@pytest.mark.parametrize("key", [None, "", "x" * 65])
def test_form_without_a_key_is_refused_in_one_sentence(shop: Workshop, key: str | None) -> None:
    fields = {} if key is None else {"idempotency_key": key}
    answer = send(shop.citizen(), PATH, name="Nguyễn Thị Mẫu", **fields)
    assert answer.status_code == 400
    assert "Biểu mẫu đã cũ" in answer.text
    assert dossiers(shop) == 0


@on_both_databases
def test_form_refused_or_failed_keeps_its_key_free(shop: Workshop) -> None:
    client, key = shop.citizen(), new_key()
    assert one(client, key, name="").status_code == 422
    assert one(client, key, name="Người Bị Từ Chối").status_code == 409
    assert keys(shop) == []
    assert dossiers(shop) == 0
    assert one(client, key).status_code == 303
    assert dossiers(shop) == 1


def test_view_that_forgets_to_keep_its_answer_changes_nothing(workshop: Workshop) -> None:
    def forgetful() -> ResponseReturnValue:
        with transaction():
            make_dossier(workshop.world, the_actor())
        return htmx.go("/")

    workshop.hang(do("test.forgetful", "/quen", forgetful, SIGNED_IN))
    answer = send(workshop.citizen(), "/quen", idempotency_key=new_key())
    assert answer.status_code == 500
    assert dossiers(workshop) == 0


def test_second_attempt_in_one_request_claims_the_key_again(workshop: Workshop) -> None:
    """A transaction that failed has answered nothing; the one after it is still sent only once."""

    def fail() -> None:
        with transaction():
            make_dossier(workshop.world, the_actor())
            raise Conflict

    def twice() -> ResponseReturnValue:
        with pytest.raises(Conflict):
            fail()
        with transaction():
            make_dossier(workshop.world, the_actor())
            return idempotency.keep(htmx.go("/"))

    workshop.hang(do("test.twice", "/hai-lan", twice, SIGNED_IN))
    client, key = workshop.citizen(), new_key()
    answers = [send(client, "/hai-lan", idempotency_key=key).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert dossiers(workshop) == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_what_gives_way_after_its_effect_was_kept_is_not_done_again(workshop: Workshop) -> None:
    deadlock = text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")

    def view() -> ResponseReturnValue:
        with transaction():
            make_dossier(workshop.world, the_actor())
            answer = idempotency.keep(htmx.go("/"))
        db.session.execute(deadlock)
        return answer

    workshop.hang(do("test.late", "/muon", view, SIGNED_IN))
    client, key = workshop.citizen(), new_key()
    answers = [send(client, "/muon", idempotency_key=key).status_code for _ in range(2)]
    assert dossiers(workshop) == 1
    assert answers == [503, 303]


def test_content_cannot_be_tried_out_from_the_database(shop: Workshop) -> None:
    """Two sites that were sent the very same form keep different digests of it."""
    client, key = shop.citizen(), new_key()
    one(client, key)
    (first,) = keys(shop)
    with shop.app.app_context(), transaction() as session:
        session.execute(delete(IdempotencyKey))
    shop.app.extensions["keyring"] = Keyring((("k1", b"the key of an altogether other site"),))
    one(client, key)
    (second,) = keys(shop)
    assert first.request_hash != second.request_hash


def test_answer_is_not_readable_in_the_database(shop: Workshop) -> None:
    place = one(shop.citizen(), new_key()).location
    (row,) = keys(shop)
    assert place.encode() not in (row.answer_sealed or b"")

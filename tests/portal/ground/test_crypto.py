"""Numbers that identify people can be read only in their place, and with our keys."""

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import select, update

from portal.access import Role
from portal.accounts import services
from portal.accounts.models import User
from portal.crypto import Keyring, keyring, new_lookup_key
from portal.db import transaction
from portal.extensions import db
from tests.rig import on_both_databases
from tests.rig.sign_in import PASSWORD

OLD = ("k1", b"an old key, thirty-two bytes long")
NEW = ("k2", b"a new key that is as long as that")
NUMBER = "001099000001"
PLACE = "users.citizen_number:somebody"


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    ring = app.extensions["keyring"]
    with app.app_context():
        yield app
    app.extensions["keyring"] = ring


def add(email: str, number: str | None = NUMBER) -> int:
    with transaction():
        user = services.create(email, "Người Thử", PASSWORD, Role.CITIZEN)
        user.citizen_number = number
    return user.id


def read(user_id: int) -> str | None:
    db.session.rollback()
    return db.session.get_one(User, user_id).citizen_number


def test_old_rows_open_after_a_new_key_is_put_in_front() -> None:
    sealed = Keyring((OLD,)).seal(NUMBER, PLACE)
    rotated = Keyring((NEW, OLD))
    assert rotated.open(sealed, PLACE) == NUMBER
    assert b"k2" in rotated.seal(NUMBER, PLACE)[:4]


def test_blind_index_does_not_change_with_a_new_key() -> None:
    assert Keyring((NEW, OLD)).index(NUMBER, "citizen_number") == Keyring((OLD,)).index(
        NUMBER, "citizen_number"
    )


def test_index_differs_by_kind_value_and_key() -> None:
    ring = Keyring((OLD,))
    digests = {
        ring.index(NUMBER, "citizen_number"),
        ring.index(NUMBER, "phone"),
        ring.index("001099000002", "citizen_number"),
        Keyring((NEW,)).index(NUMBER, "citizen_number"),
    }
    assert len(digests) == 4


def test_same_number_is_never_sealed_to_the_same_bytes() -> None:
    ring = Keyring((OLD,))
    assert ring.seal(NUMBER, PLACE) != ring.seal(NUMBER, PLACE)


def test_lost_key_opens_nothing() -> None:
    with pytest.raises(KeyError):
        Keyring((NEW,)).open(Keyring((OLD,)).seal(NUMBER, PLACE), PLACE)


def test_key_of_the_same_name_but_other_bytes_opens_nothing() -> None:
    with pytest.raises(InvalidTag):
        Keyring((("k1", NEW[1]),)).open(Keyring((OLD,)).seal(NUMBER, PLACE), PLACE)


@pytest.mark.parametrize("at", range(3, 40, 6))
def test_changed_byte_opens_nothing(at: int) -> None:
    ring = Keyring((OLD,))
    sealed = bytearray(ring.seal(NUMBER, PLACE))
    sealed[at] ^= 1
    with pytest.raises(InvalidTag):
        ring.open(bytes(sealed), PLACE)


@on_both_databases
def test_number_is_not_in_the_row(inside: Flask) -> None:
    user_id = add("mau@test.invalid")
    assert read(user_id) == NUMBER
    row = db.session.get_one(User, user_id)
    assert NUMBER.encode() not in (row.citizen_number_sealed or b"")
    assert row.citizen_number_index == keyring().index(NUMBER, "citizen_number")


@on_both_databases
def test_person_is_found_by_the_index(inside: Flask) -> None:
    user_id = add("mau@test.invalid")
    add("khac@test.invalid", "001099000002")
    wanted = keyring().index(NUMBER, "citizen_number")
    assert db.session.scalars(select(User.id).filter_by(citizen_number_index=wanted)).all() == [
        user_id
    ]


def test_number_copied_into_another_row_cannot_be_read(inside: Flask) -> None:
    owner, thief = add("mau@test.invalid"), add("khac@test.invalid", None)
    with transaction() as session:
        sealed = session.get_one(User, owner).citizen_number_sealed
        session.execute(update(User).filter_by(id=thief).values(citizen_number_sealed=sealed))
    with pytest.raises(InvalidTag):
        read(thief)


def test_number_copied_into_another_column_cannot_be_read(inside: Flask) -> None:
    user_id = add("mau@test.invalid")
    with transaction() as session:
        user = session.get_one(User, user_id)
        user.phone_sealed = user.citizen_number_sealed
    db.session.rollback()
    with pytest.raises(InvalidTag):
        _ = db.session.get_one(User, user_id).phone


def test_rows_are_read_and_sealed_anew_while_keys_change(inside: Flask) -> None:
    user_id = add("mau@test.invalid")
    kept = inside.config["SETTINGS"].data_keys
    inside.extensions["keyring"] = Keyring((NEW, *kept))
    assert read(user_id) == NUMBER
    with transaction() as session:
        user = session.get_one(User, user_id)
        before = user.citizen_number_index
        user.citizen_number = NUMBER
    assert read(user_id) == NUMBER
    user = db.session.get_one(User, user_id)
    assert (user.citizen_number_sealed or b"")[1:3] == b"k2"
    assert user.citizen_number_index == before


def test_no_number_is_nothing(inside: Flask) -> None:
    user = db.session.get_one(User, add("mau@test.invalid", ""))
    assert user.citizen_number is None
    assert user.citizen_number_sealed is None
    assert user.citizen_number_index is None


def test_lookup_keys_can_be_read_aloud_and_do_not_repeat() -> None:
    made = [new_lookup_key() for _ in range(2000)]
    assert {len(key) for key in made} == {6}
    assert not set("".join(made)) & set("01OIL")
    assert len(set(made)) >= 1998

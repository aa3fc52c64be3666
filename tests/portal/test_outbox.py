"""What was promised leaves once, after its cause is durable, whatever the mail server does."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from portal import clock, outbox
from portal.db import transaction
from portal.extensions import db
from portal.outbox import MessageState, OutboxMessage
from portal.settings import Settings
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.mail_server import MailServer


@pytest.fixture
def settings(app: Flask) -> Iterator[Settings]:
    with app.app_context():
        yield app.config["SETTINGS"]


def promise(kind: str = "mail", key: str = "dossier:1:submit") -> None:
    address = "mau@test.invalid" if kind == "mail" else "+84912345678"
    with transaction():
        outbox.promise(kind, address, "Hồ sơ đã gửi", "Kính gửi Ông/Bà,\nhồ sơ đã gửi.", key)


def promise_two(*keys: str) -> None:
    with transaction():
        for key in keys:
            outbox.promise("mail", "mau@test.invalid", "a", "b", key)


def the_message() -> OutboxMessage:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(OutboxMessage).one()


def files(url: str) -> list[Path]:
    return sorted(Path(url.removeprefix("file://")).glob("*"))


@on_both_databases
def test_a_mail_is_written_to_the_folder_once(settings: Settings) -> None:
    promise()
    assert outbox.send_one(settings)
    assert not outbox.send_one(settings)
    (path,) = files(settings.mail_url)
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert path.suffix == ".eml"
    assert (mail["To"], mail["Subject"]) == ("mau@test.invalid", "Hồ sơ đã gửi")
    assert "hồ sơ đã gửi." in mail.get_content()
    assert the_message().state is MessageState.SENT


def test_a_text_message_is_written_to_its_own_folder(settings: Settings) -> None:
    promise("sms")
    assert outbox.send_one(settings)
    (path,) = files(settings.sms_url)
    assert path.read_text().startswith("+84912345678\n")
    assert files(settings.mail_url) == []


def test_what_was_rolled_back_is_never_sent(settings: Settings) -> None:
    promise()
    with pytest.raises(IntegrityError):
        promise_two("another", "dossier:1:submit")
    assert outbox.send_one(settings)
    assert not outbox.send_one(settings)


@on_both_databases
def test_of_many_senders_each_message_has_one(app: Flask, settings: Settings) -> None:
    for number in range(8):
        promise(key=f"dossier:{number}")

    def send(_number: int) -> int:
        with app.app_context():
            count = 0
            while outbox.send_one(settings):
                count += 1
            return count

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 8
    assert len(files(settings.mail_url)) == 8


def test_a_mail_server_gets_the_mail(settings: Settings) -> None:
    with MailServer() as server:
        promise()
        outbox.send_one(dataclasses.replace(settings, mail_url=server.url))
        (mail,) = server.mails
    assert mail["Subject"] == "Hồ sơ đã gửi"
    assert mail["Message-ID"]
    assert "hồ sơ đã gửi." in mail.get_content()


def test_a_mail_that_was_refused_is_sent_later(
    settings: Settings, turned_clock: TurnedClock
) -> None:
    with MailServer() as server:
        at_server = dataclasses.replace(settings, mail_url=server.url)
        server.refusing = True
        promise()
        assert outbox.send_one(at_server)
        assert not outbox.send_one(at_server)
        message = the_message()
        assert (message.state, message.tries) == (MessageState.WAITING, 1)
        assert "mau@test.invalid" not in (message.reason or "")
        server.refusing = False
        clock.turn(lambda: message.send_after)
        assert outbox.send_one(at_server)
        assert len(server.mails) == 1
    assert the_message().state is MessageState.SENT


def test_a_sender_that_died_leaves_the_message_to_the_next(settings: Settings) -> None:
    promise()
    with transaction():
        assert outbox._take(clock.now()) is not None
    assert not outbox.send_one(settings)
    later = clock.now() + outbox.LEASE + timedelta(seconds=1)
    clock.turn(lambda: later)
    assert outbox.send_one(settings)
    assert the_message().state is MessageState.SENT


def test_after_the_last_try_the_message_has_failed(settings: Settings) -> None:
    nowhere = dataclasses.replace(settings, mail_url="smtp://127.0.0.1:1")
    promise()
    for _ in range(outbox.MOST_TRIES):
        at = the_message().send_after
        clock.turn(lambda at=at: at)
        assert outbox.send_one(nowhere)
    message = the_message()
    assert (message.state, message.reason) == (MessageState.FAILED, "ConnectionRefusedError")

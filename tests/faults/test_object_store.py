"""The object store goes away, hangs, crawls, cuts or lies: nothing wrong is served."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.conftest import OnObjects, portal_on_objects
from tests.faults.kit.acts import Intention
from tests.faults.kit.oracle import Oracle
from tests.faults.kit.seen import is_taken_later, is_told, timed
from tests.rig.ceph import CephServer
from tests.rig.waiting import until

DAMAGED = "Tệp này trong kho lưu trữ không còn nguyên vẹn nên không mở được."
DOWN = b"HTTP/1.1 500 Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
GONE = "Không tìm thấy tệp này trong kho lưu trữ."


@pytest.fixture(scope="module")
def on_objects(ceph: CephServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnObjects]:
    with portal_on_objects(ceph, tmp_path_factory.mktemp("objects")) as portal:
        yield portal


@pytest.fixture
def portal(on_objects: OnObjects) -> Iterator[OnObjects]:
    """One portal for all faults: each must leave it as it was."""
    yield on_objects
    on_objects.wire.heal()
    until(lambda: on_objects.web.get("/readyz").status == 200, "the portal is back", within=10)


def file_of(oracle: Oracle, intention: Intention) -> tuple[str, str]:
    """The first file of a sent intention: its address, and its object."""
    row = oracle.rows(
        "SELECT f.public_id, f.original_key FROM document_files f JOIN documents t"
        " ON t.id = f.document_id JOIN dossiers d ON d.id = t.dossier_id WHERE d.public_id = ?"
        " ORDER BY f.id",
        intention.entry.subject,
    )[0]
    return f"/giay-to/tep/{row[0]}/goc", row[1]


def sent(portal: OnObjects, act: str = "upload") -> Intention:
    intention = portal.desk.lay[act]()
    assert intention.sending.send(portal.web).status == 303
    return intention


def test_a_store_that_is_down_takes_nothing_and_stops_nothing_else(portal: OnObjects) -> None:
    known = sent(portal)
    intention = portal.desk.upload()
    person = intention.sending.person
    portal.wire.refuse()
    answer, seconds = timed(lambda: intention.sending.send(portal.web))
    is_told(answer)
    assert seconds <= 5
    assert portal.oracle.parts(intention.entry).are_none
    is_told(portal.web.get(file_of(portal.oracle, known)[0], person))
    for path in ("/thu-tuc", "/tra-cuu", "/cua-toi", intention.sending.path):
        assert portal.web.get(path, person).status == 200
    draft = portal.desk.submit_later()
    assert draft.sending.send(portal.web).status == 303, "what needs no file goes on"
    portal.wire.heal()
    is_taken_later(portal.web, portal.oracle, intention)


@pytest.mark.proof
def test_a_silent_store_holds_half_the_threads_for_fifteen_seconds(portal: OnObjects) -> None:
    waiting = [portal.desk.upload() for _ in range(20)]
    portal.wire.swallow()
    with ThreadPoolExecutor(20) as pool:
        told = [pool.submit(timed, lambda one=one: one.sending.send(portal.web)) for one in waiting]
        others = sorted(timed(lambda: portal.web.get("/tra-cuu"))[1] for _ in range(20))
        answers = [future.result() for future in told]
    assert others[-2] <= 2
    for answer, _seconds in answers:
        is_told(answer)
    assert min(seconds for _answer, seconds in answers) <= 15
    portal.wire.heal()
    is_taken_later(portal.web, portal.oracle, waiting[0])


@pytest.mark.proof
def test_a_slow_store_is_waited_for(portal: OnObjects) -> None:
    intention = portal.desk.decide()
    portal.wire.delay = 1.0
    answer, seconds = timed(lambda: intention.sending.send(portal.web))
    assert answer.status == 303
    assert 2 <= seconds <= 15
    assert portal.oracle.faults([intention.entry]) == []


@pytest.mark.proof
def test_a_store_that_fails_now_and_then_is_asked_again(portal: OnObjects) -> None:
    dice = random.Random(3)  # noqa: S311 - the same falls each time
    portal.wire.spoil = lambda data: (
        DOWN if data.startswith(b"HTTP/") and dice.random() < 0.2 else data
    )
    for _ in range(4):
        intention = portal.desk.decide()
        is_taken_later(portal.web, portal.oracle, intention)


@pytest.mark.parametrize("bytes_of_answer", [60, 400])
def test_an_answer_that_is_cut_is_no_file(portal: OnObjects, bytes_of_answer: int) -> None:
    intention = sent(portal)
    address, _key = file_of(portal.oracle, intention)
    assert portal.web.get(address, intention.sending.person).status == 200
    portal.wire.reset()
    portal.wire.cut_after = bytes_of_answer
    is_told(portal.web.get(address, intention.sending.person), sentence="")


def spoilt(data: bytes) -> bytes:
    """The last byte of a body turned over."""
    _head, _end, body = data.partition(b"\r\n\r\n")
    if data.startswith(b"HTTP/") and not body:
        return data
    return data[:-1] + bytes([data[-1] ^ 1])


def test_bytes_that_changed_on_the_way_are_not_served(portal: OnObjects) -> None:
    intention = sent(portal)
    address, _key = file_of(portal.oracle, intention)
    portal.wire.spoil = spoilt
    answer = portal.web.get(address, intention.sending.person)
    is_told(answer, DAMAGED)


def test_what_was_touched_in_the_store_is_not_served_and_all_of_it_is_found(
    portal: OnObjects,
) -> None:
    """One bit turned, two files swapped, one cut short, one gone."""
    known = [sent(portal) for _ in range(5)]
    person = known[0].sending.person
    addresses, keys = zip(*(file_of(portal.oracle, one) for one in known), strict=True)
    bit, one, other, short, gone = (portal.read(key) or b"" for key in keys)
    touched = [bit[:40] + bytes([bit[40] ^ 1]) + bit[41:], other, one, short[:-1], None]
    for key, data in zip(keys, touched, strict=True):
        portal.lay(key, data)
    for address in addresses[:4]:
        is_told(portal.web.get(address, person), DAMAGED)
    missing = portal.web.get(addresses[4], person)
    assert (missing.status, GONE in missing.text) == (404, True)
    found = portal.web.command("verify")
    for address in addresses[:4]:
        assert f"damaged: original of {address.split('/')[3]}" in found
    assert f"missing: original of {addresses[4].split('/')[3]}" in found
    portal.lay(keys[4], gone)
    assert portal.web.get(addresses[4], person).status == 200, "put back, it opens again"

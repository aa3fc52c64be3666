"""What was answered is what is kept: every file to the byte, and one winner of many."""

import io
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from uuid import uuid4

import pytest
from PIL import Image

from tests.faults.conftest import OnDisk, Wired
from tests.faults.kit.acts import Desk
from tests.faults.kit.oracle import Oracle
from tests.faults.kit.site import Sending, Upload, Web

NAMES = (
    "tờ khai.jpg",
    "đơn xin xác nhận (bản 2).jpg",
    "..%2f..%2fpasswd.jpg",
    "'; DROP TABLE dossiers; --.jpg",
    "a" * 150 + ".jpg",
    "=1+1.jpg",
    "ảnh\u202egpj.jpg",
)


def padded(size: int, number: int) -> bytes:
    """A picture of at least this size: what follows its end belongs to the file all the same."""
    held = io.BytesIO()
    Image.new("RGB", (120, 160), (number % 256, 90, 20)).save(held, "JPEG")
    return held.getvalue() + random.Random(number).randbytes(size)  # noqa: S311 - only filling


def come_back_whole(web: Web, desk: Desk, oracle: Oracle, sizes: list[int]) -> int:
    """Send files of these sizes, ten at a time; how many come back as the client knew them."""
    whole = 0
    for first in range(0, len(sizes), 10):
        uploads = [
            Upload("files", f"{number}-{NAMES[number % len(NAMES)]}", padded(size, number))
            for number, size in enumerate(sizes[first : first + 10], start=first)
        ]
        intention = desk.upload()
        intention.sending.uploads = uploads
        assert intention.sending.send(web).status == 303
        known = sorted(sha256(one.data).hexdigest() for one in uploads)
        rows = oracle.rows(
            "SELECT f.public_id FROM document_files f JOIN documents t ON t.id = f.document_id"
            " JOIN dossiers d ON d.id = t.dossier_id WHERE d.public_id = ?",
            intention.entry.subject,
        )
        person = intention.sending.person
        read = sorted(
            sha256(web.fetch(f"/giay-to/tep/{row[0]}/goc", person)).hexdigest() for row in rows
        )
        whole += sum(a == b for a, b in zip(known, read, strict=True))
    return whole


def test_files_of_odd_names_and_sizes_come_back_to_the_byte(on_disk: OnDisk) -> None:
    sizes = [0, 1, 1000, 1 << 20, 3 << 20]
    assert come_back_whole(on_disk.web, on_disk.desk, on_disk.oracle, sizes) == len(sizes)


@pytest.mark.proof
def test_two_hundred_files_come_back_to_the_byte(on_disk: OnDisk) -> None:
    dice = random.Random(7)  # noqa: S311 - the same sizes each time
    sizes = [int(5_000_000 ** dice.random()) for _ in range(200)]
    whole = come_back_whole(on_disk.web, on_disk.desk, on_disk.oracle, sizes)
    print(f"files that came back to the byte: {whole} of 200, {sum(sizes) / 1e6:.0f} MB")
    assert whole == 200


def decided_at_once(web: Web, desk: Desk, oracle: Oracle, people: int) -> list[int]:
    """So many decide on one dossier in the same moment, each with a form of his own."""
    first = desk.decide()
    given = first.sending
    sendings = [Sending(given.person, given.path, uuid4().hex, given.fields) for _ in range(people)]
    with ThreadPoolExecutor(people) as pool:
        answers = list(pool.map(lambda one: one.send(web), sendings))
    events = oracle.number(
        "SELECT count(*) FROM dossier_events e JOIN dossiers d ON d.id = e.dossier_id"
        " WHERE d.public_id = ? AND e.act = 'decide'",
        first.entry.subject,
    )
    assert events == 1
    assert oracle.faults([]) == []
    return sorted(answer.status for answer in answers)


def test_of_many_who_decide_at_once_one_wins_and_the_others_are_told(on_disk: OnDisk) -> None:
    statuses = decided_at_once(on_disk.web, on_disk.desk, on_disk.oracle, 12)
    assert statuses == [303] + [409] * 11


@pytest.mark.proof
def test_of_fifty_who_decide_at_once_one_wins(wired: Callable[..., Wired]) -> None:
    portal = wired()
    for _ in range(5):
        statuses = decided_at_once(portal.web, portal.desk, portal.oracle, 50)
        assert statuses == [303] + [409] * 49
    print("fifty at once, five rounds: 1 winner and 49 told in each")

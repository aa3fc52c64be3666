"""Bombs through the doors of the portal as it ships: told in a sentence, in time, and bounded."""

import html
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.factories.papers import drawn
from tests.faults.kit.acts import Desk, Intention
from tests.faults.kit.oracle import Oracle, Rows, read_folder
from tests.faults.kit.site import Answer, Back, Site, Upload, Web
from tests.hostile.weigh import MEGABYTE, Scales, processor_seconds
from tests.rig.waiting import until
from tests.scanning.bombs import BOMBS

pytestmark = [pytest.mark.proof, pytest.mark.tools]

ENDED = ("read", "refused", "failed")
DOORS = ("upload", "scan")  # the citizen's and the counter's


@dataclass
class Portal:
    """A running portal and its scales."""

    site: Site
    web: Web
    back: Back
    desk: Desk
    oracle: Oracle

    @property
    def roots(self) -> list[int]:
        assert self.web.process is not None
        assert self.back.process is not None
        return [self.web.process.pid, self.back.process.pid]

    def sent(self, door: str, name: str, data: bytes) -> tuple[Intention, Answer]:
        """A file through one of the doors."""
        intention = self.desk.lay[door]()
        intention.sending.uploads = [Upload("files", name, data)]
        return intention, intention.sending.send(self.web, patience=120)

    def files_of(self, intention: Intention) -> Rows:
        """Name and state of the files that were taken."""
        return self.oracle.rows(
            "SELECT f.public_id, f.state FROM document_files f"
            " JOIN documents t ON t.id = f.document_id"
            " JOIN dossiers d ON d.id = t.dossier_id WHERE d.public_id = ? ORDER BY f.id",
            intention.entry.subject,
        )

    def told(self, intention: Intention, answer: Answer) -> str:
        """What the sender reads next: the page itself, or the one it leads to."""
        if answer.status == 303:
            answer = self.web.get(answer.location, intention.sending.person)
        return html.unescape(answer.text)

    def ended(self, intention: Intention) -> str:
        """How the reading of the one file ended."""
        until(
            lambda: all(state in ENDED for _, state in self.files_of(intention)),
            "the file is read or refused",
            within=240,
        )
        return self.files_of(intention)[0][1]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    site = Site(tmp_path_factory.mktemp("bombs"))
    with Web(site) as web, Back(site) as back:
        desk = Desk(site, web)
        one = Portal(site, web, back, desk, Oracle(site.database_url, read_folder(site.objects)))
        for door in DOORS * 2:  # warm: what is loaded once is not what a bomb takes
            assert_good(one, door)
        yield one
    site.close()


def assert_good(portal: Portal, door: str) -> None:
    """An honest page is taken and read."""
    intention, answer = portal.sent(door, "don.jpg", drawn(dpi=100))
    assert answer.status == 303
    assert portal.ended(intention) == "read"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_told_in_a_sentence_and_costs_little(
    portal: Portal, kind: str, door: str
) -> None:
    name, make = BOMBS[kind]
    data = make()
    busy = processor_seconds(portal.roots[1])
    with Scales(portal.roots) as scales:
        started = time.monotonic()
        intention, answer = portal.sent(door, name, data)
        answered = time.monotonic() - started
        taken = portal.files_of(intention)
        ended = portal.ended(intention) if taken else "refused at the door"
    read_in = processor_seconds(portal.roots[1]) - busy
    print(
        f"{kind}, {door}: {len(data) / 1e6:.2f} MB, {ended}, answered after {answered:.1f} s,"
        f" read in {read_in:.1f} s of the processor, +{scales.most / MEGABYTE:.0f} MB"
    )
    page = portal.told(intention, answer)
    if taken:
        page = portal.web.get(f"/giay-to/tep/{taken[0][0]}", intention.sending.person).text
    if ended != "read":
        assert f"“{name}”" in html.unescape(page) or "Hãy bỏ tệp này" in page
    assert answered <= 11  # ten for the look, and what the rest of the answer takes
    assert read_in <= 10
    assert scales.most <= 300 * MEGABYTE
    assert_good(portal, door)


def test_logs_know_bombs_by_place_and_kind_only(portal: Portal) -> None:
    log = Path(portal.site.log).read_text()
    assert "Traceback" not in log
    assert "don.pdf" not in log

"""From the clerk's button to a file of his paper, with SANE's own scanimage and a served portal."""

import io
import stat
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from portal.postal.models import OrderState, Source
from scanning.station import pairing
from scanning.station.wire import Away, Closed, Portal, Refused
from tests.rig.proxy import Mode
from tests.rig.waiting import until
from tests.station.kit import Counter

DONE, STOPPED = OrderState.DONE, OrderState.STOPPED


def jpeg(sheet: Path) -> bytes:
    data = io.BytesIO()
    Image.open(sheet).save(data, "JPEG")
    return data.getvalue()


def test_the_feeder_of_the_test_backend_gives_its_ten_pages(counter: Counter) -> None:
    """SANE's frontend tester: a feeder that is empty after ten sheets, driven without a wrapper."""
    counter.fresh(0)
    order = counter.order()
    counter.computer.start(program="scanimage", options=("--device", "test:0"))
    counter.becomes(order, DONE)
    assert counter.state(order)[1] == 10
    assert len(counter.sheets_of(order)) == 10


def test_what_jams_keeps_its_pages_and_goes_on_to_one_file(counter: Counter) -> None:
    counter.fresh(4)
    (counter.sheets / "3.jam").touch()
    order = counter.order()
    counter.computer.start()
    counter.becomes(order, STOPPED)
    assert counter.state(order) == (STOPPED, 2, "jammed")
    assert counter.waiting_pages() == 2
    (counter.sheets / "3.jam").unlink()
    counter.go_on(order)
    counter.becomes(order, DONE)
    assert counter.sheets_of(order) == [1, 2, 3, 4]
    assert counter.waiting_pages() == 0
    until(lambda: not any(counter.computer.data.glob("spool/*")), "the spool is empty")


def test_what_is_no_picture_keeps_the_pages_before_it(counter: Counter) -> None:
    counter.fresh(3)
    (counter.sheets / "1.hold").touch()
    (counter.sheets / "3.torn").touch()
    order = counter.order()
    counter.computer.start()
    until(lambda: any(counter.computer.data.glob("spool/*/run-1/pid")), "the scanner runs")
    counter.computer.kill()
    (counter.sheets / "1.hold").unlink()
    until(lambda: any(counter.computer.data.glob("spool/*/run-1/exit")), "the scanner has ended")
    counter.computer.start()  # it finds them all at once, and none of them was sent
    counter.becomes(order, STOPPED)
    assert counter.state(order) == (STOPPED, 2, "failed")
    (counter.sheets / "3.torn").unlink()
    counter.go_on(order)
    counter.becomes(order, DONE)
    assert counter.sheets_of(order) == [1, 2, 3]


@pytest.mark.proof
def test_glass_gives_a_sheet_at_a_time(counter: Counter) -> None:
    counter.fresh(3)
    order = counter.order(Source.GLASS)
    counter.computer.start()
    for pages in (1, 2):
        counter.becomes(order, STOPPED)
        assert counter.state(order) == (STOPPED, pages, "next_sheet")
        counter.go_on(order)
    counter.becomes(order, STOPPED)
    assert counter.state(order)[1] == 3
    counter.forget(order)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--device", "test:0", "--option=--read-return-value=SANE_STATUS_JAMMED"), "jammed"),
        (("--device", "test:0", "--option=--read-return-value=SANE_STATUS_DEVICE_BUSY"), "busy"),
        (("--device", "epson2:libusb:001:004"), "unplugged"),
        (("--device", "pnm:0"), "no_source"),
    ],
    ids=["jammed", "busy", "unplugged", "no feeder"],
)
def test_trouble_reaches_the_clerk(counter: Counter, options: tuple[str, ...], reason: str) -> None:
    counter.fresh(0)
    order = counter.order()
    counter.computer.start(program="scanimage", options=options)
    counter.becomes(order, STOPPED)
    assert counter.state(order) == (STOPPED, 0, reason)
    counter.forget(order)


def test_pages_wait_out_a_network_that_is_cut(counter: Counter) -> None:
    counter.fresh(5)
    (counter.sheets / "3.hold").touch()
    order = counter.order()
    counter.computer.start()
    # Also on the computer, or the second waits there with the others.
    arrived = "two pages have arrived"
    until(lambda: counter.state(order)[1] == 2 and counter.computer.held() == 0, arrived)
    counter.wire.turn(Mode.REFUSE)
    counter.wire.break_all()
    (counter.sheets / "3.hold").unlink()
    until(lambda: counter.computer.held() == 3, "the others wait on the computer")
    counter.wire.turn(Mode.PASS)
    counter.becomes(order, DONE)
    assert counter.sheets_of(order) == [1, 2, 3, 4, 5]
    said = counter.computer.log.read_text()
    assert "sẽ tự thử lại" in said
    assert "Traceback" not in said


def test_an_answer_that_is_lost_costs_no_page_and_doubles_none(counter: Counter) -> None:
    """The portal has written the page down; the station never hears of it, and sends it again."""
    counter.fresh(2)
    order = counter.order()
    data = jpeg(counter.sheets / "1.pnm")
    digest = sha256(data).hexdigest()
    with closing(Portal(pairing.load(counter.computer.data))) as portal:
        wanted = portal.order()
        assert wanted is not None
        assert portal.begin(wanted) == 1
        counter.wire.turn(Mode.RESET, after=0)
        with pytest.raises(Away):
            portal.send(order, 1, data, digest)
        until(lambda: counter.state(order)[1] == 1, "it is written down")
        counter.wire.turn(Mode.PASS)
        assert portal.send(order, 1, data, digest) == digest
        assert counter.state(order)[1] == counter.waiting_pages() == 1
        for number, wrong in ((1, jpeg(counter.sheets / "2.pnm")), (3, data)):
            with pytest.raises(Refused):  # another page under a number that is taken; a gap
                portal.send(order, number, wrong, sha256(wrong).hexdigest())
        with pytest.raises(Refused):  # damaged on its way
            portal.send(order, 2, data + b"x", digest)
        with pytest.raises(Refused):  # what is no picture
            portal.send(order, 2, b"%PDF-1.7", sha256(b"%PDF-1.7").hexdigest())
        counter.forget(order)
        with pytest.raises(Closed):
            portal.send(order, 2, data, digest)
    assert counter.waiting_pages() == 0


def test_the_scanner_goes_on_while_the_station_is_dead(counter: Counter) -> None:
    """What went through the feeder does not come back: scanimage must not die with its parent."""
    counter.fresh(4)
    (counter.sheets / "2.hold").touch()
    order = counter.order()
    counter.computer.start()
    until(lambda: counter.state(order)[1] == 1, "one page has arrived")
    counter.computer.kill()
    (counter.sheets / "2.hold").unlink()
    raw = counter.computer.data / "spool" / order / "run-1" / "exit"
    until(raw.exists, "the scanner has ended")
    counter.computer.start()
    counter.becomes(order, DONE)
    assert counter.sheets_of(order) == [1, 2, 3, 4]


def test_a_cancelled_order_stops_the_scanner_and_leaves_nothing(counter: Counter) -> None:
    counter.fresh(4)
    (counter.sheets / "2.hold").touch()
    order = counter.order()
    counter.computer.start()
    until(lambda: counter.state(order)[1] == 1, "one page has arrived")
    counter.forget(order)
    until(lambda: not any(counter.computer.data.glob("spool/*")), "the spool is empty")
    assert counter.sheets_of(order) == []
    assert counter.waiting_pages() == 0


def test_the_secret_is_its_owners_alone(counter: Counter) -> None:
    kept = counter.computer.data / "station.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_second_program_is_refused_in_one_sentence(counter: Counter) -> None:
    counter.fresh(0)
    with closing(pairing.alone(counter.computer.data)):
        second = counter.computer.call("run")
    assert second.returncode == 2
    assert "đang chạy rồi" in second.stderr

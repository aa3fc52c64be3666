"""script/server keeps its promises: it starts, refuses plainly, mends, and leaves nothing."""

import datetime
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import clock
from tests.rig.processes import ROOT, PortalProcess, descendants, is_alive
from tests.rig.waiting import until


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """One portal for the tests that leave it running; tests/journeys starts one with the demo."""
    with PortalProcess(tmp_path_factory.mktemp("portal"), "--no-demo") as process:
        yield process


def refusal(*arguments: str, **settings: str) -> str:
    """What the supervisor says when it does not start."""
    answer = subprocess.run(
        [sys.executable, "script/supervise.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode != 0
    return answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--prot", "1"], "unrecognized arguments: --prot 1"),
        (["--port", "many"], "invalid int value: 'many'"),
        (["--port", "70000"], "--port must be from 0 to 65535"),
        (["--data", "/proc/nowhere"], "Cannot use the data folder /proc/nowhere"),
        (["--host", "192.0.2.7"], "Cannot listen on 192.0.2.7:8000"),
    ],
)
def test_wrong_option_gets_one_plain_sentence(
    arguments: list[str], sentence: str, tmp_path: Path
) -> None:
    said = refusal(*["--data", str(tmp_path)], *arguments)
    assert sentence in said
    assert said.count("\n") == 1


def test_wrong_setting_gets_one_plain_sentence(tmp_path: Path) -> None:
    said = refusal("--data", str(tmp_path), "--port", "0", MAX_UPLOAD_MB="many")
    assert said == "MAX_UPLOAD_MB must be a whole number of at least 1.\n"


def test_other_machines_are_served_only_over_https(tmp_path: Path) -> None:
    said = refusal("--data", str(tmp_path), "--port", "0", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert "needs --tls" in said


def test_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Cannot listen on 127.0.0.1:{port}" in refusal(
            "--data", str(tmp_path), "--port", str(port)
        )


def test_data_folder_has_one_server(portal: PortalProcess) -> None:
    said = refusal("--data", str(portal.data), "--port", "0")
    assert "Another script/server is using the data folder" in said


def test_portal_is_ready(portal: PortalProcess) -> None:
    assert portal.get("/readyz")[0] == 200
    assert portal.get("/healthz")[0] == 200


def test_figures_are_those_of_every_process(portal: PortalProcess) -> None:
    """Two web processes and a worker count in one place, whichever of them is asked."""
    for _ in range(20):
        assert portal.get("/thu-tuc")[0] == 200

    def pages() -> float:
        said = portal.get("/metrics")[1]
        found = re.search(r'portal_requests_total\{.*"catalogue.index".*\} (\S+)', said)
        return float(found[1]) if found else 0

    assert {pages() for _ in range(10)} == {pages()}
    assert pages() >= 20
    said = until(lambda: "portal_workers 1.0" in portal.get("/metrics")[1], "the worker is seen")
    assert said


def test_secrets_are_for_the_owner_only(portal: PortalProcess) -> None:
    for path in (portal.data / "secret_key", portal.data / "data_keys", portal.data / "portal.db"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(portal.data.stat().st_mode) == 0o700
    assert len((portal.data / "secret_key").read_bytes()) >= 32


@pytest.mark.parametrize("name", ["web", "worker"])
def test_killed_child_is_back_within_two_seconds(portal: PortalProcess, name: str) -> None:
    doomed = descendants(portal.child(name) or 0)
    portal.kill(name)
    until(lambda: portal.child(name) not in {None, *doomed}, f"{name} runs again", within=2)
    until(lambda: portal.get("/readyz")[0] == 200, "the portal is ready again")
    # What the dead child had started is gone with it.
    until(lambda: not any(map(is_alive, doomed)), "no process of the dead child is left")


def test_two_portals_run_side_by_side(
    portal: PortalProcess, tmp_path: Path, filled_folder: Path
) -> None:
    with PortalProcess(tmp_path, "--no-demo", like=filled_folder) as other:
        assert other.url != portal.url
        assert other.get("/readyz")[0] == portal.get("/readyz")[0] == 200
        assert (other.data / "secret_key").read_text() != (portal.data / "secret_key").read_text()
        for one in (portal, other):
            assert "demo" not in one.log.read_text(encoding="utf-8").lower()


def test_demo_and_real_data_do_not_mix(tmp_path: Path) -> None:
    (tmp_path / "kind").write_text("demo\n")
    assert "holds the demo" in refusal("--data", str(tmp_path), "--port", "0", "--no-demo")
    (tmp_path / "kind").write_text("real\n")
    assert "holds no demo" in refusal("--data", str(tmp_path), "--port", "0")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_after_the_end(
    tmp_path: Path, filled_folder: Path, number: signal.Signals
) -> None:
    with PortalProcess(tmp_path, "--no-demo", like=filled_folder) as process:
        family = process.family()
        assert len(family) >= 2
        process.process.send_signal(number)
        assert process.process.wait(20) == (-9 if number is signal.SIGKILL else 0)
        left = until(lambda: not any(map(is_alive, family)), "all processes ended", within=15)
        assert left


def test_second_start_takes_six_seconds_at_most_and_keeps_its_keys(
    tmp_path: Path, filled_folder: Path
) -> None:
    """Counted in seconds of one processor, for others may be at work while this runs."""
    with PortalProcess(tmp_path, "--no-demo", like=filled_folder) as process:
        assert process.processor_seconds() <= 6
        for name in ("secret_key", "data_keys"):
            assert (process.data / name).read_bytes() == (filled_folder / name).read_bytes()


def test_runs_on_any_date_which_can_be_moved_while_it_runs(
    tmp_path: Path, filled_folder: Path
) -> None:
    tet = datetime.datetime(2029, 2, 13, 23, 59, tzinfo=clock.ZONE)
    with PortalProcess(tmp_path, "--no-demo", at=tet, like=filled_folder) as process:
        assert process.get("/readyz")[0] == 200
        assert '"at": "2029-02-13T16:59' in process.log.read_text(encoding="utf-8")
        process.clock.set(tet + datetime.timedelta(days=30))
        process.get("/readyz")
        until(
            lambda: '"at": "2029-03-15T16:59' in process.log.read_text(encoding="utf-8"),
            "the new date",
        )


def test_tls_serves_with_a_certificate_for_this_machine_whoever_does_not_finish_greeting(
    tmp_path: Path, filled_folder: Path
) -> None:
    with PortalProcess(tmp_path, "--no-demo", "--tls", like=filled_folder) as process:
        assert process.url.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(process.data / "tls" / "cert.pem"))
        port = int(process.url.rpartition(":")[2])
        strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
        for one in strangers:
            one.sendall(b"\x16\x03\x01\x02\x00")  # a greeting that is never finished
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            trusted.wrap_socket(plain, server_hostname="localhost") as wire,
        ):
            assert wire.version() == "TLSv1.3"
            wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")
        for one in strangers:
            one.close()


def test_help_is_printed_and_nothing_is_installed(tmp_path: Path) -> None:
    copy = tmp_path / "portal"
    shutil.copytree(ROOT / "script", copy / "script")
    command = [copy / "script/server", "--no-demo", "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "--port" in answer.stdout
    assert {path.name for path in copy.iterdir()} == {"script"}

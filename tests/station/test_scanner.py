"""What scanimage says of a scanner, and what the station says to whoever uses it wrongly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanning.station import scanner
from scanning.station.pairing import WrongUse, check_url
from scanning.station.scanner import Wish
from tests.rig.processes import ROOT
from tests.station.kit import sane_folder

WISH = Wish(source="feeder", mode="colour", resolution=300, first=3, most=20)


@pytest.fixture
def sane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(sane_folder(tmp_path)))


@pytest.mark.usefixtures("sane")
def test_a_scanner_is_asked_for_its_own_words() -> None:
    found = scanner.find("scanimage", "test:0", ())
    assert found.name == "Noname frontend-tester"
    assert found.sources == {"glass": "Flatbed", "feeder": "Automatic Document Feeder"}
    assert found.modes == {"colour": "Color", "grey": "Gray"}
    said = found.command(WISH, Path("raw"))
    assert {"--source=Automatic Document Feeder", "--mode=Color", "--resolution=300"} <= set(said)
    assert {"--batch-start=3", "--batch-count=20"} <= set(said)


@pytest.mark.usefixtures("sane")
def test_a_scanner_without_choices_has_its_glass_and_is_asked_for_nothing_else() -> None:
    found = scanner.find("scanimage", "pnm:0", ())
    assert (found.can("glass"), found.can("feeder")) == (True, False)
    assert not [word for word in found.command(WISH, Path("raw")) if word.startswith("--mode")]


@pytest.mark.usefixtures("sane")
def test_the_first_scanner_is_taken_where_none_is_named() -> None:
    assert scanner.find("scanimage", "", ()).device in scanner.listing("scanimage")


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("--source ADF|Flatbed|ADF Duplex [ADF]", {"feeder", "glass", "two_sided"}),
        (
            "--source Flatbed|ADF Front|ADF Back|ADF Both [Flatbed]",
            {"feeder", "glass", "two_sided"},
        ),
        ("--source Normal|ADF [Normal]", {"feeder", "glass"}),
        ("--source Transparency Unit [Transparency Unit]", set()),
    ],
)
def test_makers_call_their_feeders_by_many_names(
    line: str, kinds: set[str], tmp_path: Path
) -> None:
    program = tmp_path / "scanimage"
    program.write_text(f"#!/bin/sh\necho '    {line}'\n")
    program.chmod(0o755)
    assert set(scanner.find(str(program), "some:device", ()).sources) == kinds


@pytest.mark.parametrize(
    ("status", "log", "pages", "reason"),
    [
        (0, "", 1, ""),
        (7, "", 5, ""),
        (7, "", 0, "no_documents"),
        (6, "", 2, "jammed"),
        (8, "", 0, "cover_open"),
        (1, "scanimage: open of device x failed: Device busy", 0, "busy"),
        (1, "scanimage: open of device x failed: Invalid argument", 0, "unplugged"),
        (137, "", 2, "failed"),
    ],
)
def test_each_end_has_its_reason(status: int, log: str, pages: int, reason: str) -> None:
    assert scanner.reason_of(status, log, pages) == reason


@pytest.mark.parametrize("url", ["http://motcua.example.vn", "motcua.example.vn", "ftp://x", ""])
def test_the_secret_never_travels_in_the_clear(url: str) -> None:
    with pytest.raises(WrongUse):
        check_url(url)


def test_the_tail_of_an_address_is_no_matter() -> None:
    assert check_url("https://motcua.example.vn/buu-dien?x=1") == "https://motcua.example.vn"


def test_it_needs_nothing_but_python_and_pillow() -> None:
    """Counters install two packages of Debian, not a virtual environment."""
    code = (
        "import sys; before = set(sys.modules); import scanning.station.__main__;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(said.split()) - sys.stdlib_module_names == {"scanning", "PIL"}


@pytest.mark.parametrize("words", [("run",), ("status",)])
def test_who_was_not_paired_is_told_how(words: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scanning.station", "--data", str(tmp_path / "x"), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "chưa ghép" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_scanimage_is_one_sentence() -> None:
    with pytest.raises(WrongUse, match="sane-utils"):
        scanner.find("/nowhere/scanimage", "", ())

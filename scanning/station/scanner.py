"""Drives SANE's `scanimage`: which scanner there is, what it can do, and what its end means."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scanning.station.pairing import WrongUse

_SECONDS = 60  # a network scanner that sleeps takes half a minute to answer
# What clerks choose, and the words by which scanners call it; two-sided feeders name both.
_TWO_SIDED = re.compile(r"duplex|both|two.?sided", re.IGNORECASE)
_FEEDER = re.compile(r"adf|feeder", re.IGNORECASE)
_GLASS = re.compile(r"flatbed|platen|normal", re.IGNORECASE)
_MODES = {
    "colour": re.compile(r"^(24.?bit )?colou?r", re.IGNORECASE),
    "grey": re.compile(r"^(true )?gr[ae]y", re.IGNORECASE),
}
# SANE's own numbers, with which scanimage ends.
_OUT_OF_PAPER = 7
_REASONS = {
    0: "",
    3: "busy",
    6: "jammed",
    7: "no_documents",
    8: "cover_open",
    9: "unplugged",
    11: "not_allowed",
}
_CANNOT_OPEN = "open of device"


@dataclass(frozen=True)
class Wish:
    """How the clerk wants his paper scanned: `source` is glass, feeder or two_sided."""

    source: str
    mode: str
    resolution: int
    first: int  # the number of the first page
    most: int  # pages at once


@dataclass(frozen=True)
class Scanner:
    """The scanner of this computer, with the words it uses itself."""

    program: str
    device: str
    name: str
    sources: dict[str, str]
    modes: dict[str, str]
    has_resolution: bool
    options: tuple[str, ...] = ()

    def command(self, wish: Wish, raw: Path) -> list[str]:
        """What to run; pages come as files that get their name once they are whole."""
        return [
            self.program,
            f"--device-name={self.device}",
            *([f"--source={self.sources[wish.source]}"] if self.sources else []),
            *([f"--mode={self.modes[wish.mode]}"] if wish.mode in self.modes else []),
            *([f"--resolution={wish.resolution}"] if self.has_resolution else []),
            "--format=tiff",
            f"--batch={raw}/%04d.tiff",
            f"--batch-start={wish.first}",
            f"--batch-count={1 if wish.source == 'glass' else wish.most}",
            *self.options,
        ]

    def can(self, source: str) -> bool:
        """Whether it has what the clerk chose; one that names no sources has only its glass."""
        return source in self.sources if self.sources else source == "glass"


def find(program: str, device: str, options: Sequence[str]) -> Scanner:
    """The named scanner, or the first that is plugged in; raises WrongUse where there is none."""
    listed = dict(
        line.split("|", 1) for line in _ask(program, "-f", "%d|%v %m%n").splitlines() if "|" in line
    )
    found = device or next(iter(listed), "")
    if not found:
        raise WrongUse("Không thấy máy quét nào. Kiểm tra dây nối, nguồn điện và quyền truy cập.")
    told = _ask(program, f"--device-name={found}", "-A", *options)
    if not told:
        raise WrongUse(f"Không mở được máy quét {found}.")
    return Scanner(
        program=program,
        device=found,
        name=listed.get(found, found).replace("_", " ").strip(),
        sources=_sources(_choices(told, "source")),
        modes=_modes(_choices(told, "mode")),
        has_resolution=bool(re.search(r"^\s+--resolution ", told, re.MULTILINE)),
        options=tuple(options),
    )


def listing(program: str) -> str:
    """The scanners of this computer, as SANE lists them."""
    return _ask(program, "-f", "%d  –  %v %m%n")


def reason_of(status: int, log: str, pages: int) -> str:
    """Why scanning ended; nothing where it ended as it should.

    A feeder ends when it is out of paper, which is a fault only where there was none at all.
    """
    if status == _OUT_OF_PAPER and pages:
        return ""
    if _CANNOT_OPEN in log:
        return "busy" if "busy" in log.lower() else "unplugged"
    return _REASONS.get(status, "failed")


def _sources(names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        kind = _kind(name)
        if kind:
            found.setdefault(kind, name)
    return found


def _kind(name: str) -> str:
    if _TWO_SIDED.search(name):
        return "two_sided"
    if _FEEDER.search(name):
        return "feeder"
    return "glass" if _GLASS.search(name) else ""


def _modes(names: Sequence[str]) -> dict[str, str]:
    return {
        kind: next(name for name in names if wanted.search(name))
        for kind, wanted in _MODES.items()
        if any(wanted.search(name) for name in names)
    }


def _choices(told: str, option: str) -> list[str]:
    """The values of an option that is a choice, as `scanimage -A` prints them."""
    found = re.search(rf"^\s+--{option} (.+?) \[", told, re.MULTILINE)
    return [one.strip() for one in found[1].split("|")] if found else []


def _ask(program: str, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own program and options
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise WrongUse(
            f"Không thấy chương trình {program}. Cài gói sane-utils (Debian, Ubuntu)."
        ) from None
    except subprocess.TimeoutExpired:
        raise WrongUse("Máy quét không trả lời. Tắt, bật lại máy quét rồi thử lại.") from None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

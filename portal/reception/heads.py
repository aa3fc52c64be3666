"""What the head of a request says of its length, before anybody takes it seriously; pure."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

LONGEST_HEAD = 64 * 1024
END = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"\n(?i:content-length)[ \t]*:[ \t]*([0-9]{1,15})[ \t]*\r")
FRAMING = re.compile(rb"\n(?i:content-length|transfer-encoding)[ \t]*:")
CODED = re.compile(rb"\n(?i:transfer-encoding)[ \t]*:")
EXPECTS = re.compile(rb"\n(?i:expect)[ \t]*:[ \t]*(?i:100-continue)[ \t]*\r")


class Kind(enum.Enum):
    """What to do with what has come."""

    UNFINISHED = "unfinished"
    MALFORMED = "malformed"  # two could read it differently: bare line feeds, two lengths, odd ones
    TOO_LONG = "too long"
    WITHOUT_LENGTH = "without length"
    PLAIN = "plain"


@dataclass(frozen=True)
class Head:
    """How far a head goes, and how much belongs to it."""

    kind: Kind
    size: int = 0
    length: int = 0
    expects_go_ahead: bool = False


def read(came: bytes) -> Head:
    """Look at what has come of a request so far."""
    end = END.search(came)
    if end is None:
        return Head(Kind.TOO_LONG if len(came) > LONGEST_HEAD else Kind.UNFINISHED)
    if end[0] != b"\r\n\r\n":
        return Head(Kind.MALFORMED)
    if end.end() > LONGEST_HEAD:
        return Head(Kind.TOO_LONG)
    return _framed(came[: end.end()])


def _framed(head: bytes) -> Head:
    framing = FRAMING.findall(head)
    lengths = LENGTH.findall(head)
    if len(framing) != len(lengths) or len(framing) > 1:
        only_coded = len(framing) == 1 and CODED.search(head) is not None
        return Head(Kind.WITHOUT_LENGTH if only_coded else Kind.MALFORMED)
    length = int(lengths[0]) if lengths else 0
    return Head(Kind.PLAIN, len(head), length, EXPECTS.search(head) is not None)

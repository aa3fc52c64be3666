"""What this computer knows of the portal it was paired with; readable by its owner alone."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

_FILE, _LOCK = "station.json", "in-use"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class WrongUse(Exception):
    """Something about this computer must be put right first; the message is one plain sentence."""


@dataclass(frozen=True)
class Pairing:
    """Where the portal is, and the secret by which it knows this computer."""

    url: str
    token: str
    station: str
    office: str
    ca: str = ""  # a certificate of the portal's own, where no authority has signed it


def check_url(url: str) -> str:
    """The address without its tail; the secret never travels in the clear to another machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongUse(f"Địa chỉ “{url}” chưa đúng. Ví dụ: https://motcua.example.vn")
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise WrongUse("Chỉ ghép qua https: mã của máy trạm không được gửi đi mà không mã hoá.")
    return f"{parts.scheme}://{parts.netloc}"


def save(folder: Path, pairing: Pairing) -> None:
    """Write it down, whole or not at all, for no other account of this computer to read."""
    open_folder(folder)
    fresh = folder / f"{_FILE}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(pairing), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(folder / _FILE)


def load(folder: Path) -> Pairing:
    """What was written down; raises WrongUse where this computer is not paired."""
    try:
        return Pairing(**json.loads((folder / _FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise WrongUse(
            "Máy này chưa ghép với cổng. Chạy: python -m scanning.station pair"
        ) from None
    except (ValueError, TypeError):
        raise WrongUse(f"Tệp {folder / _FILE} hỏng. Ghép lại máy này với cổng.") from None


def open_folder(folder: Path) -> None:
    """The folder of this program, which nobody else may enter: papers lie in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise WrongUse(f"Thư mục {folder} thuộc về tài khoản khác của máy này.")
    folder.chmod(0o700)


def alone(folder: Path) -> BinaryIO:
    """Keep what this returns: while it is open, no second program of this kind runs here."""
    open_folder(folder)
    lock = (folder / _LOCK).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise WrongUse("Chương trình máy trạm đang chạy rồi trên máy này.") from None
    return lock

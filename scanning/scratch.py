"""Working folders that do not outlive their work, even when the process is killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_LOCK = "in-use"


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for one piece of work, gone afterwards; what a crash left behind goes first."""
    sweep()
    folder = Path(tempfile.mkdtemp(dir=_root()))
    with (folder / "new").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back by the system however this process ends
        (folder / "new").rename(folder / _LOCK)  # seen by sweepers only once it is locked
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Remove the folders of processes that no longer live; returns how many."""
    removed = 0
    for folder in _root().iterdir():
        # A folder without a lock is being made just now.
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError, BlockingIOError),
            (folder / _LOCK).open("rb") as lock,
        ):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _root() -> Path:
    """One folder per user, which nobody else may enter."""
    root = Path(tempfile.gettempdir()) / f"scanning-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.stat().st_uid != os.getuid() or root.is_symlink():
        raise PermissionError(f"{root} belongs to somebody else")
    return root

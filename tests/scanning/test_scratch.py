"""Working folders, and what a killed process left in them."""

import subprocess
import sys

import pytest

from scanning.scratch import scratch_folder, sweep


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_gone_after_its_work(own_root):
    with scratch_folder() as folder:
        (folder / "paper").write_bytes(b"x")
        assert sweep() == 0  # it is in use
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    assert folder.parent.stat().st_mode & 0o077 == 0


def test_a_killed_process_leaves_nothing_for_long(own_root):
    program = (
        "import os, tempfile\n"
        f"tempfile.tempdir = {str(own_root)!r}\n"
        "from scanning.scratch import scratch_folder\n"
        "with scratch_folder() as folder:\n"
        "    (folder / 'paper').write_bytes(b'x')\n"
        "    print(folder, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    left = own_root / done.stdout.strip()
    assert (left / "paper").exists()
    with scratch_folder():
        assert not left.exists()


def test_a_folder_somebody_else_prepared_is_not_trusted(own_root, monkeypatch):
    monkeypatch.setattr("os.getuid", lambda: 12345)
    (own_root / "scanning-12345").mkdir()
    with pytest.raises(PermissionError), scratch_folder():
        pass

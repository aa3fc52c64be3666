"""The tools' rules hold for everything that is kept."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BESIDE_PYTHON = Path(sys.executable).parent
TOOLS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "djlint": ["djlint", "templates", "--lint", "--quiet"],
    "lint-imports": ["lint-imports", "--no-cache"],
    "mypy": ["mypy"],
}


@pytest.mark.parametrize("name", TOOLS)
def test_rules_hold(name: str) -> None:
    program, *arguments = TOOLS[name]
    answer = subprocess.run(
        [BESIDE_PYTHON / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("name", ["server", "test", "bootstrap", "../.ci/run"])
def test_shell_programs_can_be_read(name: str) -> None:
    subprocess.run(["bash", "-n", ROOT / "script" / name], check=True)

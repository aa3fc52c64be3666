"""Words that have no place in the house."""

import re
import unicodedata

from tests.house.kept import ROOT, kept_files

# Where packages came from belongs to the machine, not to the project.
FOREIGN = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|file:///opt", re.IGNORECASE)
TEXTS = (".py", ".html", ".css", ".js", ".md", ".txt", ".in", ".toml", ".json", ".csv", ".cfg")


def test_no_requirement_names_a_package_host() -> None:
    for path in ROOT.glob("requirements*"):
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert [line for line in lines if FOREIGN.search(line) or "://" in line] == []


def test_vietnamese_is_written_in_one_way() -> None:
    decomposed = [
        str(path.relative_to(ROOT))
        for path in kept_files(*TEXTS)
        if "vendor" not in path.parts and not is_composed(path.read_text(encoding="utf-8"))
    ]
    assert decomposed == []


def is_composed(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def test_no_file_name_needs_quoting() -> None:
    odd = [
        str(path.relative_to(ROOT)) for path in kept_files() if re.search(r"[^\w.\-]", path.name)
    ]
    assert odd == []

"""What is installed is pinned, chosen on purpose, and free to ship."""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.house.kept import ROOT, kept_files

# Copyleft that asks something only of who changes the library itself; each with why it may ship.
REASONED = {
    "psycopg": "LGPL-3.0: used unchanged, as a library the site may replace",
    "psycopg-binary": "LGPL-3.0: used unchanged, as a library the site may replace",
    "pikepdf": "MPL-2.0: its own files stay open, ours are not touched",
    "pi-heif": "BSD; the libheif it bundles is LGPL-3.0 and used unchanged",
    "certifi": "MPL-2.0: a list of certificates, used unchanged",
    "pyphen": "offered under MPL-1.1 as well, which is the one we take",
}
STRONG = re.compile(r"\b(A?GPL|Affero|GNU General Public)", re.IGNORECASE)
WEAK = re.compile(r"\b(LGPL|Lesser General|MPL|Mozilla Public)", re.IGNORECASE)
# Names under which a library is imported, where they differ from the name it is installed by.
IMPORTED_AS = {
    "flask-wtf": {"flask_wtf", "wtforms"},
    "flask": {"flask", "werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "blinker"},
    "flask-babel": {"flask_babel", "babel"},
    "pillow": {"PIL"},
    "opencv-python-headless": {"cv2"},
    "argon2-cffi": {"argon2"},
    "zxing-cpp": {"zxingcpp"},
    "fonttools": {"fontTools"},
    "boto3": {"boto3", "botocore"},
    "pyhanko": {"pyhanko", "pyhanko_certvalidator", "asn1crypto"},
}


def chosen(name: str) -> set[str]:
    """The libraries a .in file asks for."""
    lines = (ROOT / name).read_text().splitlines()
    words = (re.match(r"[a-z][a-z0-9\-]*", line) for line in lines)
    return {found[0] for found in words if found}


def pinned(name: str) -> dict[str, str]:
    """Name and version of everything a .txt file installs."""
    return dict(re.findall(r"^([a-z0-9\-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_everything_chosen_is_pinned_with_hashes(name: str) -> None:
    pins = pinned(f"{name}.txt")
    assert chosen(f"{name}.in") - set(pins) == set()
    entries = re.split(
        r"^(?=[a-z0-9\-]+==)", (ROOT / f"{name}.txt").read_text(), flags=re.MULTILINE
    )
    assert [entry.split()[0] for entry in entries[1:] if "--hash=sha256:" not in entry] == []


def test_developers_and_production_agree_on_versions() -> None:
    production, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    shared = set(production) & set(development)
    assert {name for name in shared if production[name] != development[name]} == set()


def test_each_choice_says_why() -> None:
    silent = [
        line
        for line in (ROOT / "requirements.in").read_text().splitlines()
        if line and not line.startswith("#") and "# " not in line
    ]
    assert silent == []


def imports(path: Path) -> set[str]:
    """The top names of what a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_everything_imported_is_chosen() -> None:
    ours = {"portal", "scanning", "vietnam"} | set(sys.stdlib_module_names)
    known = set().union(
        *(IMPORTED_AS.get(name, {name.replace("-", "_")}) for name in chosen("requirements.in"))
    )
    files = [
        path for room in ("portal", "scanning", "vietnam") for path in kept_files(".py", under=room)
    ]
    assert files
    assert set().union(*map(imports, files)) - ours - known == set()


def licence_of(name: str) -> str:
    """What a library says about its licence: the expression, the classifiers, the short field."""
    about = metadata.metadata(name)
    classifiers = [text for text in about.get_all("Classifier", []) if text.startswith("License")]
    return " / ".join(
        filter(
            None,
            [
                about.get("License-Expression"),
                *classifiers,
                (about.get("License") or "").split("\n")[0],
            ],
        )
    )


@pytest.mark.parametrize("name", pinned("requirements.txt"))
def test_library_may_ship(name: str) -> None:
    licence = licence_of(name)
    assert licence, f"{name} names no licence"
    if STRONG.search(licence) or WEAK.search(licence):
        assert name in REASONED, licence


def test_exceptions_are_still_needed() -> None:
    assert set(REASONED) - set(pinned("requirements.txt")) == set()

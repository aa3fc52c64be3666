"""Templates are all used, take only what they need, and keep to strict CSP and to gettext."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from tests.house.kept import ROOT

TEMPLATES = ROOT / "templates"
SOURCES = {
    str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8")
    for path in sorted(TEMPLATES.rglob("*"))
    if path.is_file()
}
PAGES = {name: text for name, text in SOURCES.items() if name.endswith(".html")}
PARSER = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
NAMED = re.compile(r"""["']([\w/.\-]+\.(?:html|txt))["']""")
FRAMES = {
    "layouts",
    "components",
    "errors",
    "papers",
}  # their parts are pieces of pages, never swapped
FAMILY = re.compile(r"""f["']([\w/]+)/\{""")
# Something people read; a lower-case token of ASCII letters is a class or the name of a kind.
SPEECH = re.compile(r"[^\W\d_]*[^\W\d_a-z][^\W\d_]+")
SPOKEN = ("title", "alt", "placeholder", "aria-label", "data-confirm")


def programs() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py"))


def test_every_template_is_used() -> None:
    everything = "\n".join([programs(), *SOURCES.values()])
    named, families = set(NAMED.findall(everything)), set(FAMILY.findall(everything))
    unused = {name for name in SOURCES if str(Path(name).parent) not in families} - named
    assert unused == set()


def test_every_named_template_exists() -> None:
    missing = {
        (name, wanted)
        for name, text in SOURCES.items()
        for node in PARSER.parse(text).find_all((nodes.Extends, nodes.Include, nodes.FromImport))
        if isinstance(node.template, nodes.Const) and (wanted := node.template.value) not in SOURCES
    }
    assert missing == set()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_imported_in_vain(name: str) -> None:
    """What a page imports, the parts it includes may use too; they lie in the same folder."""
    imported = {
        given if isinstance(given, str) else given[1]
        for node in PARSER.parse(PAGES[name]).find_all(nodes.FromImport)
        for given in node.names
    }
    beside = [text for other, text in PAGES.items() if Path(other).parent == Path(name).parent]
    used = {
        node.name
        for text in beside
        for node in PARSER.parse(text).find_all(nodes.Name)
        if node.ctx == "load"
    }
    assert imported - used == set()


@pytest.mark.parametrize("name", PAGES)
def test_page_needs_nothing_a_strict_policy_forbids(name: str) -> None:
    text = PAGES[name]
    assert not re.search(r"<[^>]*\sstyle\s*=", text), "style="
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "inline handler"
    assert not re.search(r"\b(data-)?hx-on\b|javascript:", text), "script in an attribute"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert not re.search(r"<style\b", text) or name == "layouts/paper.html", "inline style sheet"
    assert not re.search(r"\s(?<!data-)hx-[a-z]+=", text), "htmx attributes are spelt data-hx-*"


@pytest.mark.parametrize("name", PAGES)
def test_every_word_goes_through_gettext(name: str) -> None:
    bare = [text for text in bare_texts(PAGES[name]) if SPEECH.search(text)]
    assert bare == []


def bare_texts(source: str) -> list[str]:
    """What a reader would see that is neither an expression nor a marked text."""
    literal = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    literal = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", literal, flags=re.DOTALL)
    literal = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\0", literal, flags=re.DOTALL)
    literal = re.sub(
        r"<(script|style)\b.*?</\1>|<!--.*?-->|<!doctype[^>]*>", "", literal, flags=re.DOTALL | re.I
    )
    spoken = re.findall(rf"""\s(?:{"|".join(SPOKEN)})="([^"]*)\"""", literal)
    between = re.sub(r"""<(?:[^"'<>]|"[^"]*"|'[^']*')*>""", "\n", literal)
    between = re.sub(r"&\w+;", " ", between)
    return [
        text.strip() for text in [*spoken, *between.replace("\0", "\n").split("\n")] if text.strip()
    ]


def test_fragments_carry_the_name_of_their_file() -> None:
    """templates/<room>/_<part>.html is the element #<room>-<part>, which htmx swaps."""
    astray = []
    for name, text in PAGES.items():
        path = Path(name)
        if path.name.startswith("_") and path.parent.name not in FRAMES:
            expected = f"{path.parts[0]}-{path.stem.lstrip('_')}".replace("_", "-")
            if not re.search(rf'id="{expected}', text):
                astray.append(f"{name} should hold id={expected}")
    assert astray == []


def test_every_component_stands_on_the_pattern_page() -> None:
    """Papers apart, which are drawn by another engine and have tests of their own."""
    shown = {
        given if isinstance(given, str) else given[0]
        for node in PARSER.parse(PAGES["patterns.html"]).find_all(nodes.FromImport)
        for given in node.names
    }
    made = {
        macro.name
        for name, text in PAGES.items()
        if Path(name).parent.name == "components" and name != "components/paper.html"
        for macro in PARSER.parse(text).find_all(nodes.Macro)
        if not macro.name.startswith("_")
    }
    assert made - shown == set()

"""Folds Vietnamese text so that "trich luc" finds "Trích lục"."""

import re
import unicodedata

# Old Vietnamese fonts and hasty keyboards leave the Icelandic or the African letter for đ.
_STROKES = str.maketrans("đĐðÐɖƉ", "dDdDdD")
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Return the text without diacritics, in lower case, with single spaces.

    NFC and NFD input (files from a Mac) fold alike, and folding twice changes nothing. Invisible
    characters such as the soft hyphens that PDFs carry are dropped, so they never split a word.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_STROKES))
        text = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)
    return " ".join(text.lower().split())


def cut(text: str, longest: int) -> str:
    """Return the folded text, no longer than its place: one letter can unfold to eighteen.

    What is cut off is whole words, so that every word that stays is found as it is typed.
    """
    folded = fold(text)
    if len(folded) <= longest:
        return folded
    kept = folded[: longest + 1].rpartition(" ")[0]
    return kept or folded[:longest]


def words(text: str) -> tuple[str, ...]:
    """Return the folded words in order; punctuation parts words, so a date gives three."""
    return tuple(_WORD.findall(fold(text)))

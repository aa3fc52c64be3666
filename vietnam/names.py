"""People's names: kept as one NFC text, sorted by the given name, which stands last."""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")  # ngang huyền hỏi ngã sắc nặng
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter, not a tone

WordKey = tuple[tuple[int, ...], tuple[int, ...]]


def normalise(text: str) -> str:
    """Return the name in NFC with single spaces; case is the person's own and stays."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def titled(text: str) -> str:
    """Turn the capitals of a card, NGUYỄN THỊ MẪU, into Nguyễn Thị Mẫu; other names stay."""
    name = normalise(text)
    return " ".join(word.capitalize() for word in name.split()) if name.isupper() else name


def given_name(text: str) -> str:
    """Return the last word, by which people are called and sorted."""
    parts = normalise(text).split()
    return parts[-1] if parts else ""


def sort_key(text: str) -> tuple[WordKey, ...]:
    """Order as a class register does: by given name, then the rest, letters before tones."""
    parts = normalise(text).split()
    return tuple(_word_key(part) for part in [*parts[-1:], *parts[:-1]])


def _word_key(word: str) -> WordKey:
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", word.lower()):
        letter, tone = _letter_and_tone(char)
        letters.append(_LETTERS.find(letter) if letter in _LETTERS else len(_LETTERS) + ord(char))
        tones.append(tone)
    return tuple(letters), tuple(tones)


def _letter_and_tone(char: str) -> tuple[str, int]:
    parts = unicodedata.normalize("NFD", char)
    base, marks = parts[0], parts[1:]
    tone = next((_TONES.index(mark) for mark in marks if mark in _TONES), 0)
    shape = "".join(mark for mark in marks if mark in _SHAPES)
    return unicodedata.normalize("NFC", base + shape), tone

"""Words that stand in one dossier and nowhere else, and how to find them in any answer."""

import io
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pypdfium2
from werkzeug.test import TestResponse

# What a canary's last letter says about the field it sits in.
FIELDS = {
    "n": "name",
    "a": "address",
    "h": "address",
    "e": "address",
    "w": "answers",
    "o": "paper",
    "f": "paper",
    "t": "paper",
    "b": "bytes",
    "s": "decision",
    "d": "reason",
    "p": "address",
    "l": "note",
}
WORD = re.compile(r"zq((?:[bcdghkmnprstv][aeiou]){3})([a-z])", re.IGNORECASE)
PHONE = re.compile(r"(?:\+84|0)98765(\d{4})(?!\d)")
NUMBER = re.compile(r"05618598(\d{4})(?!\d)")
CODE = re.compile(r"H\d\d(?:\.\d+)*-\d{6}-\d{4,7}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{6,}")
NAME_LENGTH = 16  # of the random names in addresses
BETWEEN = re.compile(r"(?<=\d)[\s.\u00a0\u202f]+(?=\d)")
CONSONANTS, VOWELS = "bcdghkmnprstv", "aeiou"


def mark(number: int) -> str:
    """The syllables of the dossier with this number."""
    sounds = []
    for _ in range(3):
        number, rest = divmod(number, len(CONSONANTS) * len(VOWELS))
        sounds.append(CONSONANTS[rest % len(CONSONANTS)] + VOWELS[rest // len(CONSONANTS)])
    return "".join(sounds)


def word(number: int, field: str) -> str:
    """The canary of a dossier's field, a word that can be a name, a file or be searched for."""
    assert field in FIELDS
    return f"Zq{mark(number)}{field}"


def phone(number: int) -> str:
    return f"+8498765{number:04}"


def citizen_number(number: int) -> str:
    return f"05618598{number:04}"


class Finder:
    """Knows all canaries of a world; says which dossiers an answer speaks of, by which fields."""

    def __init__(self) -> None:
        self.marks: dict[str, int] = {}
        self.exact: dict[str, set[tuple[int, str]]] = {}

    def plant(self, dossier: int, names: dict[str, str]) -> None:
        """Note a dossier's marks, and the codes and random names that are its own."""
        self.marks[mark(dossier)] = dossier
        for text, field in names.items():
            self.exact.setdefault(text, set()).add((dossier, field))

    def found(self, text: str) -> Iterator[tuple[int, str]]:
        """Each dossier and field of which something stands in the text."""
        for syllables, letter in WORD.findall(text):
            dossier = self.marks.get(syllables.lower())
            if dossier is not None:
                yield dossier, FIELDS.get(letter.lower(), "?")
        digits = BETWEEN.sub("", text) if "98765" in text or "0561" in text else ""
        if "98765" in text or digits:
            yield from ((int(number), "phone") for number in PHONE.findall(digits or text))
            yield from ((int(number), "number") for number in NUMBER.findall(digits or text))
        for name in set(pieces(text)):
            yield from self.exact.get(name, ())


def pieces(text: str) -> Iterator[str]:
    """Everything in a text that could be a code or a random name, also inside longer words."""
    yield from CODE.findall(text)
    for token in set(TOKEN.findall(text)):
        yield token
        yield token[:NAME_LENGTH]
        yield token[-NAME_LENGTH:]


def text_of(answer: TestResponse) -> str:
    """Everything a person or a program could read from an answer: headers and the body."""
    headers = "\n".join(f"{name}: {unquote(value)}" for name, value in answer.headers)
    if answer.mimetype == "application/pdf":
        return headers + "\n" + _words_of_pdf(answer.data)
    return headers + "\n" + answer.data.decode("utf-8", "replace")


def _words_of_pdf(data: bytes) -> str:
    raw = data.decode("latin-1")
    try:
        document = pypdfium2.PdfDocument(io.BytesIO(data))
    except pypdfium2.PdfiumError:
        return raw  # bytes that only pretend to be a paper
    said = [page.get_textpage().get_text_range() for page in document]
    said += [f"{name}: {value}" for name, value in document.get_metadata_dict().items()]
    document.close()
    return "\n".join(said)

"""Whether text that a file brings along can be what stands on its pages."""

import re
import unicodedata

from vietnam.folding import fold

_LETTERS = re.compile(r"[^\W\d_]+")
# Vietnamese syllables without tone marks: onset, vowels, ending.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?"
    r"(?:[aeiouy]|[aeiou][aeiouy]|oai|oay|uay|uoi|uya|uye|uyu|ieu|yeu|uou|oeo|oao|uao|ueo|iay)"
    r"(?:ch|ng|nh|[cmnpt])?"
)
_ENOUGH_ON_SCAN = 200  # letters; fewer on a picture of a page are a stamp or a signature's label
_ENOUGH = 4


def is_plausible(text: str, *, coverage: float) -> bool:
    """Whether to believe a page's own text, given the share of the page that pictures cover."""
    if any(unicodedata.category(c) in ("Co", "Cn", "Cs") or c == "\ufffd" for c in text):
        return False
    words = _LETTERS.findall(unicodedata.normalize("NFC", text))
    letters = sum(map(len, words))
    # A third of a page of pictures may hold text of its own that only reading brings out.
    if letters < (_ENOUGH_ON_SCAN if coverage > 0.3 else _ENOUGH):
        return False
    sane = sum(_is_sane(word) for word in words)
    return sane >= 0.85 * len(words) and not _lost_its_marks(words)


def _is_sane(word: str) -> bool:
    """One way of capitals, and either a Vietnamese syllable or a pronounceable foreign word."""
    if not (word.islower() or word.isupper() or word.istitle()) and len(word) > 1:
        return False
    plain = fold(word)
    if len(plain) <= 2 or _SYLLABLE.fullmatch(plain):
        return True
    return (
        word.isascii()
        and re.search(r"[aeiouy]", plain) is not None
        and not re.search(r"[^aeiouy]{6}", plain)
    )


def _lost_its_marks(words: list[str]) -> bool:
    """Vietnamese syllables nearly all without marks: read by an engine without Vietnamese."""
    syllables = [word for word in words if len(word) > 1 and _SYLLABLE.fullmatch(fold(word))]
    marked = sum(not word.isascii() for word in syllables)
    return (
        len(words) >= 20 and len(syllables) > 0.75 * len(words) and marked < 0.15 * len(syllables)
    )

"""How much of a page was read wrong, whatever order its lines come in."""

import re
import unicodedata

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein


def errors_in(lines: list[str], text: str) -> float:
    """Letters changed, lost and invented, as a share of those printed; 1.0 at most.

    Each printed line is held against the place of the text that is most like it, the longest
    first; what no line claims was invented.
    """
    wanted = sorted((_even(line) for line in lines), key=len, reverse=True)
    pieces, wrong = [_even(text)], 0
    for line in filter(None, wanted):
        number, (start, end), cost = _best_place(line, pieces)
        if cost > 0.6 * len(line):
            wrong += len(line)
            continue
        wrong += cost
        piece = pieces.pop(number)
        pieces += [piece[:start], piece[end:]]
    invented = sum(len(piece.replace(" ", "")) for piece in pieces)
    return min(1.0, (wrong + invented) / sum(map(len, wanted)))


def _best_place(line: str, pieces: list[str]) -> tuple[int, tuple[int, int], int]:
    best = (0, (0, 0), len(line))
    for number, piece in enumerate(pieces):
        if not piece.strip():
            continue
        found = fuzz.partial_ratio_alignment(line, piece)
        if found is None:
            continue
        is_short = len(piece) <= len(line)
        start, end = (0, len(piece)) if is_short else (found.dest_start, found.dest_end)
        cost = Levenshtein.distance(line, piece[start:end].strip())
        if cost < best[2]:
            best = (number, (start, end), cost)
    return best


def _even(text: str) -> str:
    """Bars of tables, leaders and kinds of quotes and dashes are not what is measured."""
    text = unicodedata.normalize("NFC", text).translate(str.maketrans("“”‘’–—|", "\"\"''-- "))
    return re.sub(r"\s+", " ", re.sub(r"(?:[._]\s?){4,}", " ", text)).strip()

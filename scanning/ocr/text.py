"""From words to text: lines, blocks, and how far both can be believed."""

from itertools import groupby

from scanning.page import Word


def text_of(words: list[Word]) -> str:
    """Lines as on the page, a blank line between blocks."""
    parts = []
    for _, block in groupby(words, key=lambda word: word.block):
        parts.append(
            "\n".join(
                line_text(list(line)) for _, line in groupby(block, key=lambda word: word.line)
            )
        )
    return "\n\n".join(parts) + "\n" if parts else ""


def line_text(words: list[Word]) -> str:
    """Words of one line."""
    return " ".join(word.text for word in words)


def lines_of(words: list[Word]) -> list[list[Word]]:
    """Words grouped by line, in reading order."""
    return [list(line) for _, line in groupby(words, key=lambda word: word.line)]


def confidence_of(words: list[Word]) -> float:
    """Mean over letters, so that a stray dot does not count like a word; 0 without words."""
    letters = sum(len(word.text) for word in words)
    return (
        round(sum(word.confidence * len(word.text) for word in words) / letters, 3)
        if letters
        else 0.0
    )

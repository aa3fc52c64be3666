"""Which pages belong together as one paper, and what is read from it."""

from scanning.contract import Document
from scanning.reading import SeenPage


def documents_of(pages: list[SeenPage], *, split: bool) -> tuple[Document, ...]:
    """One document, or with `split` a new one at each page that begins with a paper's heading."""
    numbers = tuple(page.result.number for page in pages)
    return (Document(numbers, "khac", None, "first_page"),)

"""Which pages belong together as one paper, and what is read from it."""

from scanning.contract import Document
from scanning.ocr.fields import fields_of
from scanning.ocr.lines import page_lines
from scanning.ocr.titles import OTHER, title_of
from scanning.reading import SeenPage


def documents_of(pages: list[SeenPage], *, split: bool) -> tuple[Document, ...]:
    """One document, or with `split` a new one at each page that begins with a paper's heading."""
    groups: list[list[SeenPage]] = []
    for page in pages:
        if not groups or (split and title_of(page_lines(page.result.number, page.words))):
            groups.append([])
        groups[-1].append(page)
    return tuple(_document(group) for group in groups)


def _document(pages: list[SeenPage]) -> Document:
    by_page = [page_lines(page.result.number, page.words) for page in pages]
    title = title_of(by_page[0])
    return Document(
        pages=tuple(page.result.number for page in pages),
        kind=title.kind if title else OTHER,
        title=title.piece.text if title else None,
        started_by="title" if title else "first_page",
        fields=fields_of([line for lines in by_page for line in lines], title),
    )

"""Which pages belong together as one paper, and what is read from it."""

from dataclasses import dataclass

from scanning.contract import Document, Separator
from scanning.ocr.fields import fields_of
from scanning.ocr.lines import page_lines
from scanning.ocr.titles import OTHER, title_of
from scanning.reading import SeenPage
from scanning.sheets import label_of, own_code_of
from scanning.stack import BY_FIRST_PAGE, BY_TITLE, Part, Parted, Side, part


@dataclass(frozen=True)
class Stack:
    """The papers of a file, and which of its pages belong to none."""

    documents: tuple[Document, ...]
    separators: tuple[Separator, ...]
    blanks_dropped: tuple[int, ...]


def whole_of(pages: list[SeenPage]) -> Stack:
    """One paper, whatever lies in it: nobody asked for it to be parted."""
    numbers = tuple(page.result.number for page in pages)
    parted = Parted((Part(numbers, BY_FIRST_PAGE, None),), (), ())
    return _stack(pages, parted)


def stack_of(pages: list[SeenPage], *, keep_blanks: bool, two_sided: bool) -> Stack:
    """A paper for each separator, code or heading that begins one."""
    parted = part([_side(page) for page in pages], keep_blanks=keep_blanks, two_sided=two_sided)
    return _stack(pages, parted)


def _side(page: SeenPage) -> Side:
    return Side(
        number=page.result.number,
        is_blank=page.result.blank,
        is_separator=page.result.separator,
        target=label_of(page.result.codes),
        code=own_code_of(page.result.codes),
        is_titled=title_of(page_lines(page.result.number, page.words)) is not None,
    )


def _stack(pages: list[SeenPage], parted: Parted) -> Stack:
    by_number = {page.result.number: page for page in pages}
    behind = {paper.behind: paper.pages for paper in parted.parts if paper.behind}
    return Stack(
        tuple(_document([by_number[n] for n in paper.pages], paper) for paper in parted.parts),
        tuple(_separator(by_number[n], behind.get(n, ())) for n in parted.separators),
        parted.blanks,
    )


def _separator(page: SeenPage, behind: tuple[int, ...]) -> Separator:
    target = label_of(page.result.codes)
    return Separator(
        page=page.result.number,
        readable=target is not None,
        dossier=target.dossier if target else None,
        component=target.component if target else None,
        pages=behind,
    )


def _document(pages: list[SeenPage], paper: Part) -> Document:
    by_page = [page_lines(page.result.number, page.words) for page in pages]
    title = title_of(by_page[0])
    started_by = BY_TITLE if title and paper.started_by == BY_FIRST_PAGE else paper.started_by
    return Document(
        pages=paper.pages,
        kind=title.kind if title else OTHER,
        title=title.piece.text if title else None,
        started_by=started_by,
        fields=fields_of([line for lines in by_page for line in lines], title),
        dossier=paper.target.dossier if paper.target else None,
        component=paper.target.component if paper.target else None,
    )

"""What a PDF is before it is drawn: locked, broken, signed, dynamic, or hiding something."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from scanning.errors import Refused
from scanning.settings import Limits

_ACTIVE = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound"}
_MOST_DRAWINGS = 500  # of a page; beyond them memory is the limit
_DEPTH = 40  # how deep trees of names and fields are followed; honest files need three or four


@dataclass(frozen=True)
class PdfFacts:
    """What the structure of the file tells."""

    pages: int
    warnings: tuple[str, ...]
    has_signatures: bool


def check_pdf(path: Path, limits: Limits, *, pages_looked_at: int) -> PdfFacts:
    """Facts of the file; raises `Refused`. Only the first pages are searched when time is short."""
    with open_pdf(path) as pdf:
        if _claims_more_than(pdf, limits.pages):
            raise Refused("too_large")
        try:
            count = len(pdf.pages)
        except (pikepdf.PdfError, ValueError):
            raise Refused("damaged") from None
        if count == 0:
            raise Refused("no_pages")
        if count > limits.pages:
            raise Refused("too_large")
        if pdf.Root.get("/NeedsRendering") is True:
            raise Refused("dynamic_form")
        looked_at = [pdf.pages[i].obj for i in range(min(count, pages_looked_at))]
        if any(pixels > limits.image_pixels for page in looked_at for pixels in _image_sizes(page)):
            raise Refused("too_large")
        return PdfFacts(count, tuple(_warnings(pdf, looked_at)), _is_signed(pdf))


def _claims_more_than(pdf: pikepdf.Pdf, most: int) -> bool:
    """What the tree says of itself: to count a hundred thousand pages takes seconds."""
    tree = pdf.Root.get("/Pages")
    claimed: Any = tree.get("/Count") if isinstance(tree, pikepdf.Dictionary) else None
    return isinstance(claimed, int) and claimed > most


def open_pdf(path: Path) -> pikepdf.Pdf:
    """The file opened with the empty password; a locked one is refused as `encrypted`."""
    try:
        return pikepdf.open(path)
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except pikepdf.PdfError as error:
        # A file locked for a certificate is not "wrong password" but a filter qpdf does not know.
        raise Refused("encrypted" if "encryption" in str(error) else "damaged") from None


def _warnings(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> Iterator[str]:
    if _is_signed(pdf):
        yield "signed"
    if _has_attachments(pdf, pages):
        yield "attachment_ignored"
    if _has_active_content(pdf, pages):
        yield "active_content_removed"
    if pdf.get_warnings():
        yield "repaired"


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    fields = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    return any(
        field.get("/FT") == "/Sig" and "/V" in field
        for field in _tree(fields, "/Kids")
        if "/FT" in field
    )


def _has_attachments(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> bool:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/EmbeddedFiles" in names:
        return True
    return "/AF" in pdf.Root or any(
        annotation.get("/Subtype") == "/FileAttachment"
        for page in pages
        for annotation in _annotations(page)
    )


def _has_active_content(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> bool:
    names = pdf.Root.get("/Names")
    if isinstance(names, pikepdf.Dictionary) and "/JavaScript" in names:
        return True
    owners = [
        pdf.Root,
        *pages,
        *(annotation for page in pages for annotation in _annotations(page)),
    ]
    return any(_is_active(action) for owner in owners for action in _actions(owner))


def _actions(owner: pikepdf.Object) -> Iterator[Any]:
    yield owner.get("/OpenAction")
    yield owner.get("/A")
    extra = owner.get("/AA")
    if isinstance(extra, pikepdf.Dictionary):
        yield from extra.values()


def _is_active(action: Any) -> bool:
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S")) in _ACTIVE


def _annotations(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    annotations = page.get("/Annots")
    if isinstance(annotations, pikepdf.Array):
        yield from (a for a in annotations if isinstance(a, pikepdf.Dictionary))


def _image_sizes(page: pikepdf.Object) -> Iterator[int]:
    """Pixels of the pictures the page refers to, itself or by its drawings, as their heads say."""
    todo: list[pikepdf.Object] = [page]
    seen: set[tuple[int, int]] = set()
    while todo and len(seen) < _MOST_DRAWINGS:
        for drawn in _drawn(todo.pop()):
            if drawn.objgen in seen:
                continue
            seen.add(drawn.objgen)
            if drawn.get("/Subtype") == "/Form":
                todo.append(drawn)
            width: Any = drawn.get("/Width")
            height: Any = drawn.get("/Height")
            if isinstance(width, int) and isinstance(height, int):
                yield width * height


def _drawn(owner: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The pictures and drawings that a page or a drawing may draw."""
    resources = owner.get("/Resources")
    listed = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    for drawn in listed.values() if isinstance(listed, pikepdf.Dictionary) else ():
        if isinstance(drawn, pikepdf.Stream):
            yield drawn


def _tree(nodes: Any, children: str, depth: int = 0) -> Iterator[pikepdf.Object]:
    """All dictionaries of a tree, which a hostile file may have tied into a knot."""
    if depth > _DEPTH or not isinstance(nodes, pikepdf.Array):
        return
    for node in nodes:
        if isinstance(node, pikepdf.Dictionary):
            yield node
            yield from _tree(node.get(children), children, depth + 1)

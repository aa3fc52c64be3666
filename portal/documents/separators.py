"""What separator sheets bear: a code for the scanning program, and squares to be known by."""

from __future__ import annotations

from base64 import b64encode

from scanning.separators import A4_MM, CODE_MM, SQUARE_MM, TITLE, Target, payload_of, squares_mm

__all__ = ["CODE_MM", "TITLE", "code_of", "squares"]


def code_of(dossier: str | None = None, component: int | None = None) -> str:
    """The text of the sheet's code; without names it only says that another paper begins."""
    return payload_of(Target(dossier, str(component) if component is not None else None))


def squares() -> str:
    """The black squares of a whole sheet, as a data address fit for `<img src>`."""
    boxes = "".join(
        f'<rect x="{left:g}" y="{top:g}" width="{SQUARE_MM}" height="{SQUARE_MM}"/>'
        for left, top in squares_mm()
    )
    width, height = A4_MM
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}mm" height="{height}mm">{boxes}</svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}"

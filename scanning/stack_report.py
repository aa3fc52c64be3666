"""Says of a stack which sheets and papers were found, which are missing, and what to look at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scanning.ocr.proposals import Component, Paper, Proposal, propose
from scanning.stack import Sheets, sheets_of


@dataclass(frozen=True)
class StackOptions:
    """What is known of the sheets that went through the feeder, and whether to part them."""

    split: bool = False
    keep_blanks: bool = False
    two_sided: bool = False
    sheets: int | None = None  # as the feeder or a person has counted them, separators too
    components: tuple[Component, ...] = ()  # of the procedure, to propose which paper is which
    backs: Path | None = None  # the other sides of the one input

    @property
    def is_two_sided(self) -> bool:
        """Whether every second page is a back."""
        return self.two_sided or self.backs is not None

    @property
    def counts_sheets(self) -> bool:
        """Whether anybody asked about sheets."""
        return self.split or self.is_two_sided or self.sheets is not None


@dataclass(frozen=True)
class Review:
    """Something that only a person can settle, with the paper in his hand."""

    reason: str  # separator_unreadable, sheets_missing, sheets_added or side_missing
    page: int | None = None


@dataclass(frozen=True)
class Report:
    """Keys that a stack adds to its record; none where nobody spoke of a stack."""

    record: dict[str, Any]
    review: tuple[Review, ...]


def report_of(
    pages: Mapping[int, Mapping[str, Any]], answer: Mapping[str, Any], options: StackOptions
) -> Report:
    """The report about one file: its pages by number, and what the reading answered."""
    if not options.counts_sheets:
        return Report({}, ())
    sheets = sheets_of(len(pages), two_sided=options.is_two_sided, expected=options.sheets)
    review = [*_about_sheets(sheets)]
    record: dict[str, Any] = {"sheets": {"found": sheets.found, "expected": sheets.expected}}
    if options.split:
        separators = answer["separators"]
        unread = (separator["page"] for separator in separators if not separator["readable"])
        review += [Review("separator_unreadable", page) for page in unread]
        record |= {"separators": separators, "blanks_dropped": answer["blanks_dropped"]}
        record |= _papers(pages, answer["documents"], options.components)
    record["review"] = [asdict(one) for one in review]
    return Report(record, tuple(review))


def _about_sheets(sheets: Sheets) -> list[Review]:
    found = [Review("side_missing")] if sheets.is_side_missing else []
    if sheets.expected is not None and sheets.found < sheets.expected:
        found.append(Review("sheets_missing"))
    if sheets.expected is not None and sheets.found > sheets.expected:
        found.append(Review("sheets_added"))
    return found


def _papers(
    pages: Mapping[int, Mapping[str, Any]],
    documents: list[dict[str, Any]],
    components: tuple[Component, ...],
) -> dict[str, Any]:
    """The papers, with a proposal for each, and which components none was proposed for."""
    if not components:
        return {"documents": documents}
    proposals = [_proposal(pages, document, components) for document in documents]
    found = {proposal.component for proposal in proposals if proposal}
    return {
        "documents": [
            document | {"proposal": asdict(proposal) if proposal else None}
            for document, proposal in zip(documents, proposals, strict=True)
        ],
        "components": [
            {"id": component.id, "title": component.title, "found": component.id in found}
            for component in components
        ],
    }


def _proposal(
    pages: Mapping[int, Mapping[str, Any]],
    document: dict[str, Any],
    components: tuple[Component, ...],
) -> Proposal | None:
    first = document["pages"][0]
    text = pages[first]["text"] or ""
    return propose(components, Paper(text, document["title"], document["component"]))

"""What keeps an envelope open, when it may be brought again, and where two counts disagree."""

from dataclasses import replace
from datetime import date

import pytest

from portal.calendar.rules import Calendar, Day, by_day
from portal.postal.rules import (
    Count,
    GapKind,
    PaperCount,
    count_difference,
    gaps,
    next_invitation,
    only_pages_differ,
    total,
)

WHOLE = PaperCount("a", "Tờ khai", is_present=True, declared=2, scanned=2)
NOT_ASKED = PaperCount("b", "Ảnh", is_required=False)
SHOWN = PaperCount("c", "Thẻ căn cước", is_present=True, is_shown_only=True)


def test_a_whole_tally_may_be_sealed() -> None:
    assert gaps([WHOLE, NOT_ASKED, SHOWN]) == ()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"is_present": False, "scanned": 0}, GapKind.MISSING),
        ({"is_present": False}, GapKind.NOT_TICKED),
        ({"is_present": False, "is_required": False}, GapKind.NOT_TICKED),
        ({"declared": None}, GapKind.NO_COUNT),
        ({"declared": 0}, GapKind.NO_COUNT),
        ({"scanned": 1}, GapKind.PAGES_DIFFER),
        ({"scanned": 3}, GapKind.PAGES_DIFFER),
        ({"unread": ("don.pdf",)}, GapKind.UNREAD),
        ({"broken": (("don.pdf", "tệp hỏng"),)}, GapKind.BROKEN),
    ],
)
def test_each_gap_is_named(change: dict[str, object], kind: GapKind) -> None:
    found = gaps([replace(WHOLE, **change), replace(WHOLE, id="d")])  # type: ignore[arg-type]
    assert [gap.kind for gap in found] == [kind]
    assert "Tờ khai" in found[0].sentence


def test_a_difference_of_pages_says_both_numbers() -> None:
    short = replace(WHOLE, declared=11, scanned=10)
    assert total([short]).sentence == "khai 11 trang, đã quét 10 trang"
    assert "khai 11 trang, đã quét 10 trang" in gaps([short])[0].sentence


def test_pages_scanned_count_before_their_paper_is_ticked() -> None:
    assert total([replace(WHOLE, is_present=False)]).sentence == "khai 0 trang, đã quét 2 trang"
    assert total([replace(SHOWN, scanned=1)]).scanned == 0


def test_papers_that_outweigh_each_other_still_differ() -> None:
    papers = [replace(WHOLE, scanned=1), replace(WHOLE, id="d", scanned=3)]
    assert total(papers).declared == total(papers).scanned
    assert [gap.kind for gap in gaps(papers)] == [GapKind.PAGES_DIFFER] * 2


def test_an_empty_envelope_is_not_sealed() -> None:
    assert [gap.kind for gap in gaps([NOT_ASKED, SHOWN])] == [GapKind.NOTHING_ENCLOSED]


def test_a_paper_that_needs_no_picture_needs_its_count() -> None:
    photo = replace(WHOLE, is_scanned=False, scanned=0)
    assert gaps([photo]) == ()
    assert [gap.kind for gap in gaps([replace(photo, declared=None)])] == [GapKind.NO_COUNT]


def test_only_a_difference_of_pages_can_be_overridden() -> None:
    differs = gaps([replace(WHOLE, scanned=1)])
    missing = gaps([replace(WHOLE, is_present=False, scanned=0), replace(WHOLE, scanned=1)])
    assert only_pages_differ(differs)
    assert not only_pages_differ(missing)
    assert not only_pages_differ(())


def test_the_second_invitation_comes_two_working_days_later() -> None:
    holiday = Calendar(by_day([Day(date(2026, 11, 24), is_working=False, reason="Ngày Văn hoá")]))
    assert next_invitation(date(2026, 11, 23), 1, holiday) == date(2026, 11, 26)
    assert next_invitation(date(2026, 11, 27), 1, holiday) == date(2026, 12, 1)


def test_after_two_failures_the_result_goes_back() -> None:
    assert next_invitation(date(2026, 11, 23), 2, Calendar()) is None


def test_counts_that_differ_say_what_each_side_found() -> None:
    assert count_difference(Count(1, 2, 11), Count(1, 2, 11)) == ""
    told = count_difference(Count(1, 2, 11), Count(1, 1, 10))
    assert told == "bưu điện ghi 2 bản sao, cơ quan đếm 1; bưu điện ghi 11 trang, cơ quan đếm 10"

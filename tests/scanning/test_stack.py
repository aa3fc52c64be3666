"""Pages of a stack go into papers, none is lost, whatever order they come in."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanning.errors import Refused
from scanning.separators import Target, payload_of, target_of
from scanning.stack import Side, collate, part, sheets_of

SHEET = Side(0, is_separator=True, target=Target())
FIRST = Side(0, is_separator=True, target=Target("000.11.50.H11-210517-5013", "1"))
SECOND = Side(0, is_separator=True, target=Target("000.11.50.H11-210517-5013", "2"))
UNREAD = Side(0, is_separator=True)
BLANK, PAGE, TITLED = Side(0, is_blank=True), Side(0), Side(0, is_titled=True)


def stack(*sides, **options):
    return part([dataclasses.replace(side, number=n) for n, side in enumerate(sides, 1)], **options)


def parts(*sides, **options):
    return [(p.pages, p.started_by) for p in stack(*sides, **options).parts]


targets = st.builds(Target, st.sampled_from([None, "A", "B"]), st.sampled_from([None, "1", "2"]))
sides = st.builds(
    Side,
    number=st.just(0),
    is_blank=st.booleans(),
    is_separator=st.booleans(),
    target=st.none() | targets,
    code=st.sampled_from([None, None, "x", "y"]),
    is_titled=st.booleans(),
)


@given(st.lists(sides, max_size=40), st.booleans(), st.booleans())
def test_every_page_is_in_exactly_one_place(pages, keep_blanks, two_sided):
    done = stack(*pages, keep_blanks=keep_blanks, two_sided=two_sided)
    placed = [n for p in done.parts for n in p.pages] + [*done.blanks, *done.separators]
    assert sorted(placed) == list(range(1, len(pages) + 1))
    assert all(p.pages for p in done.parts)
    assert [n for p in done.parts for n in p.pages] == sorted(
        n for p in done.parts for n in p.pages
    )


@given(st.lists(sides, max_size=40), st.booleans())
def test_no_paper_reaches_over_a_separator(pages, keep_blanks):
    done = stack(*pages, keep_blanks=keep_blanks)
    for paper in done.parts:
        assert not any(paper.pages[0] < n < paper.pages[-1] for n in done.separators)


def test_a_paper_begins_behind_a_separator_and_bears_its_names():
    done = stack(FIRST, PAGE, PAGE, SECOND, PAGE)
    assert [(p.pages, p.started_by, p.target, p.behind) for p in done.parts] == [
        ((2, 3), "separator", FIRST.target, 1),
        ((5,), "separator", SECOND.target, 4),
    ]
    assert done.separators == (1, 4)


def test_separators_in_a_row_and_at_the_end_make_no_empty_paper():
    done = stack(FIRST, SECOND, PAGE, SHEET, SHEET)
    assert [(p.pages, p.target) for p in done.parts] == [((3,), SECOND.target)]
    assert done.separators == (1, 2, 4, 5)


def test_behind_a_separator_nobody_could_read_stands_a_paper_without_a_name():
    done = stack(FIRST, PAGE, UNREAD, PAGE)
    assert [(p.pages, p.started_by, p.target) for p in done.parts] == [
        ((2,), "separator", FIRST.target),
        ((4,), "separator", None),
    ]
    assert stack(FIRST, UNREAD, PAGE).parts[0].target is None


def test_titles_and_the_first_page_begin_papers():
    assert parts(PAGE, TITLED, PAGE, TITLED) == [
        ((1,), "first_page"),
        ((2, 3), "title"),
        ((4,), "title"),
    ]
    assert parts(SHEET, TITLED, PAGE) == [((2, 3), "separator")]


def test_another_code_of_ours_begins_a_paper_and_the_same_one_does_not():
    one, other = Side(0, code="https://a/tra-cuu?ma=1"), Side(0, code="https://a/tra-cuu?ma=2")
    assert parts(one, PAGE, one, other, PAGE) == [((1, 2, 3), "first_page"), ((4, 5), "code")]
    label = Side(0, target=Target("A", "3"))
    assert parts(PAGE, label, PAGE) == [((1,), "first_page"), ((2, 3), "code")]
    assert stack(PAGE, label).parts[1].target == Target("A", "3")


def test_blank_sides_are_named_and_may_be_kept():
    assert stack(PAGE, BLANK, SHEET, BLANK, PAGE).blanks == (2, 4)
    assert parts(PAGE, BLANK, TITLED) == [((1,), "first_page"), ((3,), "title")]
    assert parts(PAGE, BLANK, TITLED, keep_blanks=True) == [((1, 2), "first_page"), ((3,), "title")]


def test_the_back_of_a_separator_is_no_paper_even_where_blanks_are_kept():
    done = stack(SHEET, BLANK, PAGE, BLANK, keep_blanks=True, two_sided=True)
    assert [p.pages for p in done.parts] == [(3, 4)]
    assert done.blanks == (2,)


@given(st.integers(0, 30))
def test_fronts_and_turned_backs_come_in_order(count):
    pages = list(range(1, 2 * count + 1))
    assert collate(pages[::2], pages[1::2][::-1]) == pages


def test_stacks_of_unequal_height_are_refused_with_both_numbers():
    with pytest.raises(Refused) as refusal:
        collate([1, 3, 5], [6, 4])
    assert refusal.value.reason == "unequal_stacks"
    assert refusal.value.detail == "3 mặt trước, 2 mặt sau"


def test_sheets_are_counted_as_the_feeder_counts_them():
    assert sheets_of(7, two_sided=False).found == 7
    assert sheets_of(8, two_sided=True, expected=4).is_as_expected
    assert not sheets_of(8, two_sided=True, expected=5).is_as_expected
    assert not sheets_of(7, two_sided=True).is_as_expected


@given(
    *[st.none() | st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-", min_size=1, max_size=40)] * 2
)
def test_what_a_separator_says_is_read_as_it_was_written(dossier, component):
    assert target_of(payload_of(Target(dossier, component))) == Target(dossier, component)


@pytest.mark.parametrize(
    "text", ["", "MOTCUA:TACH1:", "MOTCUA:TACH1:a:1", "MOTCUA:TACH1:A:1:", "MOTCUA:TACH2:A:1", "\n"]
)
def test_other_codes_say_nothing(text):
    assert target_of(text) is None


def test_a_name_the_code_cannot_carry_is_refused():
    for name in ("H11:1", "đơn", "a" * 41, "X" * 41):
        with pytest.raises(ValueError, match="capital letters"):
            payload_of(Target(name))

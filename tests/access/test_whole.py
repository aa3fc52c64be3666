"""The whole union: everybody tries everything anybody was shown, on both databases.

Long, therefore run by itself: script/test -m proof tests/access
"""

import pytest

from tests.access import test_counts, test_forms, test_matrix, test_nested
from tests.access.trial import Trial

pytestmark = pytest.mark.proof


def test_nobody_is_let_in_or_shown_more_than_the_table_says(whole: Trial) -> None:
    test_matrix.test_nobody_is_let_in_or_shown_more_than_the_table_says(whole)


def test_a_refused_form_changes_nothing(whole: Trial) -> None:
    test_matrix.test_a_refused_form_changes_nothing(whole)


def test_what_one_may_not_know_of_looks_like_what_does_not_exist(whole: Trial) -> None:
    test_matrix.test_what_one_may_not_know_of_looks_like_what_does_not_exist(whole)


def test_searches_find_in_scope_and_nothing_outside_it(whole: Trial) -> None:
    test_counts.test_searches_find_in_scope_and_nothing_outside_it(whole)


def test_a_thing_inside_a_dossier_must_be_of_that_dossier(whole: Trial) -> None:
    test_nested.test_a_thing_inside_a_dossier_must_be_of_that_dossier(whole)


def test_a_foreign_name_in_a_form_takes_nothing(whole: Trial) -> None:
    test_nested.test_a_foreign_name_in_a_form_takes_nothing(whole)


def test_what_happens_elsewhere_changes_no_page_of_mine(whole: Trial) -> None:
    test_counts.test_what_happens_elsewhere_changes_no_page_of_mine(whole)


def test_every_door_opens_to_somebody_and_takes_only_what_it_asks_for(whole: Trial) -> None:
    test_forms.test_every_door_opens_to_somebody_and_takes_only_what_it_asks_for(whole)

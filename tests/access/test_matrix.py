"""Everybody at every door: who is let in, what an answer gives away, what a refused form changes.

The short trial of the default run; `script/test -m proof tests/access` runs the whole union.
"""

import re

from portal.doors import ROWS
from tests.access.crawl import Address
from tests.access.judge import IN, decision
from tests.access.people import Person
from tests.access.trial import Trial

UNKNOWN = "khong-co-ten-nay"  # as long as a random name
TOKENS = re.compile(rb'[\w.-]{60,}|name="idempotency_key" value="\w+"|"once":"\w+"')


def test_nobody_is_let_in_or_shown_more_than_the_table_says(trial: Trial) -> None:
    """Reading: pages, fragments, pictures, papers, files – with and without a body."""
    before = trial.digest()
    for number, (person, address) in enumerate(trial.pairs(_of("GET", trial))):
        if trial.is_printed_often_enough(person, address):
            continue
        taken = decision(trial.try_door(person, address))
        if trial.expects(person, address) == IN or (number % 3 and not trial.is_whole):
            continue  # in the short trial each third refusal is asked for in other ways too
        trial.try_door(person, address, method="HEAD")
        assert decision(trial.try_door(person, address, htmx=True)) == taken
    assert _changed(before, trial.digest()) == set()
    _report(trial, "reading")
    _is_clean(trial)


def test_a_refused_form_changes_nothing(trial: Trial) -> None:
    before = trial.digest()
    for person, address in trial.pairs(_of("POST", trial)):
        if trial.expects(person, address) != IN:
            trial.try_door(person, address, htmx=address.is_made_up)
    assert _changed(before, trial.digest()) == set()
    _report(trial, "sending")
    _is_clean(trial)


def test_what_one_may_not_know_of_looks_like_what_does_not_exist(trial: Trial) -> None:
    """The same page, length and headers for another's thing as for a name nobody has."""
    tried = 0
    for person, address in trial.pairs(_of("GET", trial)):
        thing = trial.judge.thing_of(address)
        if trial.expects(person, address) != 404 or thing is None or tried % 5:
            tried += thing is not None
            continue
        nowhere = address.path.replace(str(thing["public_id"]), UNKNOWN)
        assert _page(person, address.path) == _page(person, nowhere), address.path
        tried += 1
    assert tried > 50


def _page(person: Person, path: str) -> tuple[int, bytes]:
    """An answer without the address itself, which stands in the frame's forms."""
    answer = person.open(path)
    return answer.status_code, TOKENS.sub(b"", answer.data.replace(path.encode(), b""))


def _of(method: str, trial: Trial) -> list[Address]:
    return [address for address in trial.addresses if address.method == method]


def _changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def _is_clean(trial: Trial) -> None:
    judge = trial.judge
    assert (judge.wrong, judge.leaks, judge.undressed) == ([], [], [])


def _report(trial: Trial, what: str) -> None:
    judge = trial.judge
    print(
        f"\n{what}: {judge.answers} answers to {len(trial.people)} people at {len(ROWS)} doors,"
        f" {len(trial.addresses)} addresses; {len(judge.reached)} doors reached as allowed;"
        f" leaks {len(judge.leaks)}, wrong {len(judge.wrong)}, undressed {len(judge.undressed)};"
        f" decisions {dict(judge.decisions)}"
    )

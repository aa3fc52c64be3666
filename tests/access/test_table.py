"""The expectation beside doors.py: complete, in known words, and of one mind about the roles."""

import re

from portal.doors import ROWS
from tests.access.oracle import STATEMENTS, Oracle
from tests.access.table import EVERYONE, read

TABLE = read()


def test_every_door_has_an_expectation_and_every_expectation_a_door() -> None:
    assert {row.name for row in ROWS} ^ set(TABLE.doors) == set()


def test_both_tables_let_in_the_same_roles() -> None:
    """Twice by hand: who changes one of them has to say why in the other."""
    differing = {}
    for row in ROWS:
        expected = TABLE.doors[row.name]
        if row.is_machine:
            assert expected.is_machine, row.name
            continue
        roles = {role.value for role in row.who} or EVERYONE
        if (row.who and roles != set(expected.relations)) or expected.is_open != (not row.who):
            differing[row.name] = roles ^ set(expected.relations)
    assert differing == {}


def test_only_known_things_and_relations_are_named_each_with_a_reason() -> None:
    relations = {word for row in TABLE.doors.values() for word in row.relations.values()}
    relations |= {word for rights in TABLE.sees.values() for word in rights}
    unknown = {word for word in relations - {""} if not hasattr(Oracle, f"is_{word}")}
    things = {row.of for row in TABLE.doors.values()} - {"", "stop", *STATEMENTS}
    assert (unknown, things) == (set(), set())
    assert [row.name for row in TABLE.doors.values() if not row.why] == []


def test_what_names_a_thing_says_what_it_names() -> None:
    """A door with a random name in its address, or a catalogue code, which is public."""
    named = [row for row in ROWS if not row.is_machine and re.search(r"<(?!code>)", row.path)]
    assert [row.name for row in named if not TABLE.doors[row.name].of] == []

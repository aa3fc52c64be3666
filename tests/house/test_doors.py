"""Every address has a row in the table of doors, and the row says who may enter."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal.access import Role
from portal.doors import ROWS, Row
from tests.rig.sign_in import SignIn

NO_DOOR = {"static"}  # files that anyone may read


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in NO_DOOR]


def test_every_address_has_a_row(app: Flask) -> None:
    named = {(row.name, row.path) for row in ROWS}
    assert [rule.rule for rule in rules(app) if (rule.endpoint, rule.rule) not in named] == []


def test_every_row_is_an_address(app: Flask) -> None:
    hung = {(rule.endpoint, rule.rule) for rule in rules(app)}
    assert [row.name for row in ROWS if (row.name, row.path) not in hung] == []


def test_names_and_addresses_are_given_once() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert len({(row.path, row.method) for row in ROWS}) == len(ROWS)


def test_addresses_are_words_without_diacritics() -> None:
    odd = [
        row.path for row in ROWS if not re.fullmatch(r"[a-z0-9/\-._]*", without_values(row.path))
    ]
    assert odd == []


def without_values(path: str) -> str:
    return re.sub(r"<[^>]+>", "", path)


def address(path: str) -> str:
    """The address of something that does not exist: doors are asked before anything is read."""
    return re.sub(r"<int:[^>]+>", "999999", re.sub(r"<(?!int:)[^>]+>", "khong-co", path))


CLOSED = [row for row in ROWS if row.who]
ROLES = list(Role)


@pytest.mark.parametrize("role", ROLES)
def test_role_enters_only_its_doors(sign_in: SignIn, role: Role) -> None:
    client = sign_in(role)
    wrong = [row for row in CLOSED if role not in row.who]
    answers = {row.name: client.open(address(row.path), method=row.method) for row in wrong}
    assert {name: got.status_code for name, got in answers.items() if got.status_code != 403} == {}


@pytest.mark.parametrize("role", ROLES)
def test_role_is_not_stopped_at_its_own_doors(sign_in: SignIn, role: Role) -> None:
    """Reading what does not exist may end in 404, and a desk without a place in a plain refusal."""
    client = sign_in(role)
    mine = [row for row in CLOSED if role in row.who and row.method == "GET"]
    answers = {row.name: client.get(address(row.path)).status_code for row in mine}
    assert {name: status for name, status in answers.items() if status >= 500} == {}


def test_visitor_is_sent_to_sign_in(app: Flask) -> None:
    client = app.test_client()

    def is_stopped(row: Row) -> bool:
        answer = client.open(address(row.path), method=row.method)
        return answer.status_code in (401, 403) or "/dang-nhap" in answer.headers.get(
            "Location", ""
        )

    assert [row.name for row in CLOSED if not is_stopped(row)] == []


def test_every_posted_door_asks_for_its_token(app: Flask) -> None:
    client = app.test_client()
    open_posts = [
        row for row in ROWS if row.method == "POST" and not row.who and not row.is_machine
    ]
    answers = {row.name: client.post(address(row.path)).status_code for row in open_posts}
    assert {name: status for name, status in answers.items() if status not in (400, 403, 422)} == {}


@pytest.mark.parametrize("role", [None, Role.POSTAL_CLERK, Role.ADMIN])
def test_no_session_opens_a_door_for_machines(
    app: Flask, sign_in: SignIn, role: Role | None
) -> None:
    client = sign_in(role) if role else app.test_client()
    closed = [row for row in ROWS if row.is_machine and row.is_paired]
    answers = {row.name: client.open(address(row.path), method=row.method) for row in closed}
    assert len(closed) >= 5
    assert {name: got.status_code for name, got in answers.items() if got.status_code != 401} == {}
    assert {got.mimetype for got in answers.values()} == {"application/problem+json"}

"""The links in the header: what is public for everybody outside, one's own desk for staff."""

import re

import pytest
from flask.testing import FlaskClient

from portal.access import Role
from portal.doors import HOME, NAMES, NAV, PATHS_TO_READ, PUBLIC_NAV, ROWS
from tests.rig.sign_in import SignIn

PUBLIC = ["/thu-tuc", "/tra-cuu", "/buu-cuc"]


def header_links(client: FlaskClient, path: str = "/dang-nhap") -> list[str]:
    page = client.get(path).text
    nav = page.partition('<nav class="mc-nav"')[2].partition("</nav>")[0]
    return re.findall(r'href="([^"]+)"', nav)


def test_visitor_finds_what_is_public(client: FlaskClient) -> None:
    assert header_links(client) == PUBLIC


def test_citizen_finds_his_own_desk_first(sign_in: SignIn) -> None:
    assert header_links(sign_in(Role.CITIZEN)) == ["/cua-toi", *PUBLIC]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CITIZEN])
def test_staff_find_their_desk_and_nothing_else(sign_in: SignIn, role: Role) -> None:
    links = header_links(sign_in(role))
    assert len(links) == len(NAV.get(role, ()))
    assert not set(links) & set(PUBLIC)


@pytest.mark.parametrize("path", PUBLIC)
def test_present_page_is_marked(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    marked = re.findall(r'href="([^"]+)" aria-current="page"', page)
    assert path in marked


def test_every_link_and_every_home_is_a_door() -> None:
    assert {path for path, _ in PUBLIC_NAV} <= PATHS_TO_READ
    assert {name for links in NAV.values() for name, _ in links} <= NAMES
    assert set(HOME.values()) <= NAMES


def test_everybody_may_enter_where_links_and_signing_in_lead() -> None:
    may_enter = {row.name: row.who for row in ROWS}
    led = {role: {name, *(link for link, _ in NAV.get(role, ()))} for role, name in HOME.items()}
    closed = {role: [n for n in names if role not in may_enter[n]] for role, names in led.items()}
    assert {role: names for role, names in closed.items() if names} == {}

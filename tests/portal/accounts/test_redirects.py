"""Nobody can send people elsewhere through our sign-in page."""

from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts import resume
from tests.portal.accounts.conftest import People, enter, hidden
from tests.rig.forms import send

HOME = "/cua-toi"
ELSEWHERE = [
    "//evil.test",
    "///evil.test",
    "////evil.test/%2e%2e",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "https://evil.test",
    "https:evil.test",
    "https:/evil.test",
    "http:\\\\evil.test",
    "HTTPS://evil.test/dang-nhap",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "evil.test",
    "@evil.test",
    " //evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r/evil.test",
    "\t//evil.test",
    "/trang\r\nLocation: https://evil.test",
    "/trang\nSet-Cookie: sid=planted",
    "/trang\0",
    "/\u2028/evil.test",
    "/\u202eevil",
    "//[evil",
    "//[::1",
    "https://[",
    "//user@evil.test",
    "//evil.test\\@own",
]
# These look odd and stay with us: what is encoded is not decoded on the way.
OWN = [
    "/vai-tro",
    "/thu-tuc?q=trích+lục&trang=2",
    "/tra-cuu?ma=H32.10-260316-0001",
    "/%2f/evil.test",
    "/%5cevil.test",
    "/trang%0d%0aLocation:%20https://evil.test",
    "/trang?next=https://evil.test",
    "/trang#//evil.test",
    "/.//evil.test",
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_address_elsewhere_is_not_ours(path: str) -> None:
    assert not resume.is_own_path(path)
    assert resume.safe_next(path, "/day") == "/day"


@pytest.mark.parametrize("path", OWN)
def test_path_of_ours_is_ours(path: str) -> None:
    assert resume.safe_next(path) == path


@pytest.mark.parametrize("path", ELSEWHERE)
def test_signing_in_leads_home_instead_of_elsewhere(
    client: FlaskClient, people: People, path: str
) -> None:
    page = client.get(f"/dang-nhap?next={quote(path, safe='')}")
    answer = enter(client, people.add("mau", Role.CITIZEN), next=path)
    if "\0" in path:
        assert (page.status_code, answer.status_code) == (400, 400)
        return
    assert hidden(page, "/dang-nhap")["next"] == ["/"]
    assert answer.status_code == 303
    assert answer.location == HOME
    assert "planted" not in str(answer.headers)


@pytest.mark.parametrize("path", OWN)
def test_signing_in_leads_to_the_page_wanted(
    client: FlaskClient, people: People, path: str
) -> None:
    answer = enter(client, people.add("mau", Role.CITIZEN), next=path)
    parts = urlsplit(answer.location)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert parts.path == urlsplit(path).path
    assert len(answer.headers.getlist("Location")) == 1


@pytest.mark.parametrize("path", ELSEWHERE)
def test_changing_the_display_leads_nowhere_else(client: FlaskClient, path: str) -> None:
    answer = send(client, "/hien-thi", next=path, size="large")
    assert answer.status_code in (303, 400)
    assert answer.headers.get("Location", "/") == "/"


def test_changing_the_display_leads_back_to_the_page(client: FlaskClient) -> None:
    assert send(client, "/hien-thi", next="/dang-nhap?next=/a", size="large").location == (
        "/dang-nhap?next=/a"
    )


def test_changing_the_display_on_a_refused_form_leads_to_a_page_that_can_be_read(
    client: FlaskClient,
) -> None:
    """The address of a refused form may take forms only."""
    assert send(client, "/hien-thi", next="/dang-xuat", size="large").location == "/"


def test_closed_door_remembers_where_one_wanted_to_go(client: FlaskClient, people: People) -> None:
    asked = client.get("/vai-tro?a=1&b=2")
    assert asked.status_code == 303
    page = client.get(asked.location)
    assert 'value="/vai-tro?a=1&amp;b=2"' in page.text
    answer = enter(client, people.add("mau", Role.CITIZEN), next="/vai-tro?a=1&b=2")
    assert answer.location == "/vai-tro?a=1&b=2"

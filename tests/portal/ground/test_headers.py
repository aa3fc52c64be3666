"""Every answer of every kind tells browsers and caches what they must know."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.app import create_app
from portal.doors import ROWS
from portal.extensions import db
from tests.house.test_doors import address
from tests.rig.forms import send, token_of
from tests.rig.sign_in import SignIn
from tests.rig.waiting import until

SHEET = "/static/css/portal.css"
FONT = "/static/vendor/be-vietnam-pro/be-vietnam-pro-latin-400-normal.woff2"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def signed_in(sign_in: SignIn) -> FlaskClient:
    return sign_in(Role.CITIZEN)


def answers(client: FlaskClient) -> dict[str, TestResponse]:
    """One answer of each kind there is."""
    found = {
        "page": client.get("/dang-nhap"),
        "redirect": client.get("/dang-nhap/ma-xac-thuc"),
        "private page": client.get("/vai-tro"),
        "fragment": client.get("/vai-tro", headers=FRAGMENT),
        "nothing there": client.get("/khong-co"),
        "fragment of nothing": client.get("/khong-co", headers=FRAGMENT),
        "private page with an odd end": client.get("/vai-tro/a.css"),
        "wrong method": client.put("/dang-nhap"),
        "method nobody knows": client.open("/dang-nhap", method="TRACE"),
        "foreign form": client.post("/dang-nhap", headers={"Sec-Fetch-Site": "cross-site"}),
        "foreign host": client.get("/", headers={"Host": "evil.test"}),
        "refused form": send(client, "/dang-nhap"),
        "too large": send(client, "/dang-nhap", email="x" * (5 * 1024 * 1024)),
        "machine": client.get("/api/v1/khong-co"),
        "alive": client.get("/healthz"),
        "ready": client.get("/readyz"),
        "head": client.head("/dang-nhap"),
        "sheet": client.get(SHEET),
        "no sheet": client.get("/static/khong-co.css"),
    }
    for row in ROWS:
        if row.method == "GET":
            found[row.name] = client.get(address(row.path))
    return found


def directives(answer: TestResponse) -> dict[str, str]:
    policy = answer.headers["Content-Security-Policy"]
    return {part.split()[0]: part.partition(" ")[2] for part in policy.split("; ")}


@pytest.mark.parametrize("who", ["visitor", "known"])
def test_every_answer_is_dressed(client: FlaskClient, signed_in: FlaskClient, who: str) -> None:
    for kind, answer in answers({"visitor": client, "known": signed_in}[who]).items():
        rules = directives(answer)
        assert rules["default-src"] == "'none'", kind
        assert rules["script-src"] == "'self'", kind
        assert rules["style-src"] == "'self'", kind
        assert rules["object-src"] == "'none'", kind
        assert rules["base-uri"] == "'none'", kind
        assert rules["form-action"] == "'self'", kind
        assert rules["frame-ancestors"] in ("'none'", "'self'"), kind
        assert "unsafe" not in str(rules), kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff", kind
        assert answer.headers["Referrer-Policy"] == "same-origin", kind
        assert "Access-Control-Allow-Origin" not in answer.headers, kind
        assert "charset=utf-8" in answer.headers.get("Content-Type", "charset=utf-8") or (
            not answer.mimetype.startswith("text/")
        ), kind


def test_every_answer_but_assets_is_kept_by_nobody(signed_in: FlaskClient) -> None:
    for kind, answer in answers(signed_in).items():
        if kind == "sheet":
            continue
        assert answer.headers["Cache-Control"] == "no-store", kind
        assert {"HX-Request", "Cookie"} <= set(answer.vary), kind


def test_strict_transport_is_asked_for_over_https_only(app: Flask) -> None:
    secure = create_app(replace(app.config["SETTINGS"], public_url="https://mot-cua.test.invalid"))
    for path in ("/dang-nhap", "/khong-co", SHEET, "/healthz"):
        assert "Strict-Transport-Security" not in app.test_client().get(path).headers
        found = secure.test_client().get(path, base_url="https://mot-cua.test.invalid")
        assert found.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    with secure.app_context():
        db.engine.dispose()


def test_asset_is_kept_for_ever_under_its_own_digest_only(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address_of_sheet = app.jinja_env.globals["static"]("css/portal.css")  # type: ignore[operator] # a function of ours
    named = client.get(address_of_sheet)
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in named.headers
    assert "Cookie" not in named.vary
    old = client.get(f"{SHEET}?v=000000000000")
    assert old.headers["Cache-Control"] == "no-cache"
    assert client.get(FONT).headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize("host", ["evil.test", "mot-cua.evil.test", "[::1", "", "localhost.evil"])
def test_foreign_name_is_not_answered_to(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "chỉ mở được tại địa chỉ http://127.0.0.1:8000" in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "192.0.2.7", "[::1]:8000"])
def test_own_name_and_bare_addresses_are_answered_to(client: FlaskClient, host: str) -> None:
    assert client.get("/dang-nhap", headers={"Host": host}).status_code == 200


def test_probes_may_use_any_name(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": "portal-7f9c.cluster"}).status_code == 200


def test_forwarded_headers_of_strangers_are_not_believed(client: FlaskClient) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.test", "Forwarded": "host=e"}
    answer = client.get("/vai-tro", headers=forged)
    assert answer.location == "/dang-nhap?next=/vai-tro"
    assert "Strict-Transport-Security" not in answer.headers


@pytest.fixture
def behind_proxy(app: Flask) -> Iterator[Flask]:
    other = create_app(replace(app.config["SETTINGS"], trusted_proxies=1))
    yield other
    with other.app_context():
        db.engine.dispose()


def test_one_proxy_is_believed_about_one_hop(behind_proxy: Flask) -> None:
    client = behind_proxy.test_client()
    seen: list[str | None] = []

    def look(environ: dict[str, str], start: object) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return behind_proxy.__class__.wsgi_app(behind_proxy, environ, start)

    inner = behind_proxy.wsgi_app
    inner.app = look  # type: ignore[attr-defined] # the middleware's own attribute
    client.get("/healthz", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.5"})
    assert seen == ["203.0.113.5"]


@pytest.mark.parametrize(
    ("site", "compressed"),
    [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False)],
)
def test_page_of_a_known_person_is_not_compressed_for_other_sites(
    signed_in: FlaskClient, site: str, compressed: bool
) -> None:
    """Who makes a browser ask and sees only lengths must learn nothing from them (BREACH)."""
    headers = {"Accept-Encoding": "br", "Sec-Fetch-Site": site}
    answer = signed_in.get("/vai-tro", headers=headers)
    assert ("Content-Encoding" in answer.headers) is compressed
    assert "Content-Encoding" in signed_in.get(SHEET, headers=headers).headers


def test_visitor_sent_by_another_site_gets_a_compressed_page(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "br", "Sec-Fetch-Site": "cross-site"}
    assert client.get("/dang-nhap", headers=headers).headers["Content-Encoding"] == "br"


def test_token_of_a_form_is_signed_anew(client: FlaskClient) -> None:
    """A length that fits one signature says nothing of the next."""
    first = token_of(client)
    later = until(lambda: next(filter(first.__ne__, [token_of(client)]), None), "another token")
    assert first.rpartition(".")[2] != later.rpartition(".")[2]

"""Whatever goes wrong ends in one clear sentence, never in a trace, and nothing is taken."""

import errno
import json
import logging
import sqlite3
import threading
from io import BytesIO

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.test import TestResponse

from portal import clock
from portal.access import Role
from portal.accounts.models import Throttle
from portal.db import transaction
from portal.doorman import see
from portal.errors import Forbidden, Invalid, NotFound, StepRefused, TooMany, Unavailable
from portal.extensions import db
from portal.logs import JsonLines
from tests.portal.ground.conftest import Workshop
from tests.rig import on_both_databases
from tests.rig.forms import send
from tests.rig.postgres import PostgresServer
from tests.rig.sign_in import SignIn

SECRET = "số định danh 001099000001"
INTERNALS = (
    "Traceback",
    "werkzeug",
    "sqlalchemy",
    "psycopg",
    "sqlite3",
    "File &#34;",
    'File "',
    SECRET,
)
on_postgres = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def is_plain(answer: TestResponse) -> bool:
    return not any(word in answer.text for word in INTERNALS)


def test_unknown_address_has_a_page(client: FlaskClient) -> None:
    answer = client.get("/khong-co-trang-nay")
    assert answer.status_code == 404
    assert "Không tìm thấy trang này." in answer.text
    assert is_plain(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/console",
        "/admin",
        "/debug",
        "/wsgi.py",
        "/var/portal.db",
        "/static/",
        "/static/css",
        "/static/../portal/settings.py",
        "/static/%2e%2e/portal/settings.py",
        "/static/..%2fportal%2fsettings.py",
        "/static//etc/passwd",
        "/vai-tro/a.css",
        "/vai-tro;a.css",
        "/vai-tro%00.css",
        "/vai-tro%2ea",
        "/can-bo/ho-so/x/mau-02-99999999999999999999.pdf",
    ],
)
def test_nothing_is_found_where_nothing_is_meant_to_be(client: FlaskClient, path: str) -> None:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code in (400, 404)
    assert is_plain(answer)


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/dossiers", "/api/"])
def test_machines_get_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Không tìm thấy trang này.",
        "status": 404,
    }


@pytest.mark.parametrize(("method", "path"), [("PUT", "/"), ("GET", "/dang-xuat"), ("POST", "/")])
def test_method_that_is_not_taken_has_a_page(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 405
    assert "Địa chỉ này không nhận thao tác vừa gửi." in answer.text
    assert answer.headers["Allow"]


def test_error_in_answer_to_a_form_sent_by_htmx_takes_the_whole_page(client: FlaskClient) -> None:
    answer = client.post("/khong-co", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "body"
    assert "Không tìm thấy trang này." in answer.text


def test_error_in_answer_to_a_fragment_is_said_and_leaves_the_page(client: FlaskClient) -> None:
    """Nobody pressed anything: what stands typed in the page must not go."""
    answer = client.get("/khong-co", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Reswap"] == "none"
    assert json.loads(answer.headers["HX-Trigger"]) == {"told": "Không tìm thấy trang này."}
    assert "HX-Retarget" not in answer.headers


ERRORS = [
    (NotFound(), 404, "Không tìm thấy nội dung này"),
    (Forbidden(), 403, "không có quyền làm việc này"),
    (StepRefused(), 409, "không cho phép bước này"),
    (Invalid("name", "Nhập họ và tên."), 422, "Nhập họ và tên."),
    (TooMany(60), 429, "đợi 1 phút"),
    (TooMany(3600), 429, "đợi 60 phút"),
    (Unavailable(), 503, "tạm gián đoạn"),
    (StaleDataError(), 409, "vừa được người khác thay đổi"),
    (ZeroDivisionError(SECRET), 500, "Hệ thống gặp lỗi."),
    (OSError(errno.ENOSPC, SECRET), 503, "tạm gián đoạn"),
    (MemoryError(SECRET), 503, "tạm gián đoạn"),
    (OSError(SECRET), 500, "Hệ thống gặp lỗi."),
    (RecursionError(SECRET), 500, "Hệ thống gặp lỗi."),
]


@pytest.mark.parametrize(("error", "status", "sentence"), ERRORS)
def test_every_error_becomes_one_sentence(
    workshop: Workshop, error: Exception, status: int, sentence: str
) -> None:
    def view() -> str:
        raise error

    workshop.hang(see("test.error", "/loi", view))
    answer = workshop.app.test_client().get("/loi")
    assert answer.status_code == status
    assert sentence in answer.text
    assert is_plain(answer)
    assert ("Retry-After" in answer.headers) is (status in (429, 503))


def test_unforeseen_error_is_logged_whole(
    workshop: Workshop, caplog: pytest.LogCaptureFixture
) -> None:
    def view() -> str:
        raise ZeroDivisionError("what an operator needs")

    workshop.hang(see("test.error", "/loi", view))
    workshop.app.test_client().get("/loi")
    (record,) = [record for record in caplog.records if record.name == "portal.error"]
    line = JsonLines().format(record)
    assert "what an operator needs" in line
    assert "\n" not in line


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[31m", "\x9b31m", "\u2028", "\u202e", "\x00"])
def test_no_text_breaks_a_line_of_the_log(sign: str) -> None:
    record = logging.makeLogRecord({"msg": f"một{sign}hai", "levelno": 20, "levelname": "INFO"})
    line = JsonLines().format(record)
    assert sign not in line
    assert "một" in line


def test_line_of_the_log_has_an_end() -> None:
    record = logging.makeLogRecord({"msg": "x" * 1_000_000, "levelname": "INFO"})
    assert len(JsonLines().format(record)) < 9000


def ask_nul(client: FlaskClient, where: str) -> TestResponse:
    if where == "query":
        return client.get("/dang-nhap?next=%00")
    if where == "path":
        return client.get("/thu-tuc/%00")
    if where == "field":
        return send(client, "/dang-nhap", email="a\0b", password="x")
    return send(client, "/dang-nhap", paper=(BytesIO(b"x"), "a\0b.pdf"))


@pytest.mark.parametrize("where", ["query", "path", "field", "file name"])
def test_sign_no_database_keeps_is_refused(client: FlaskClient, where: str) -> None:
    answer = ask_nul(client, where)
    assert answer.status_code == 400
    assert "Yêu cầu chưa đúng." in answer.text


@pytest.mark.parametrize("typed", [100, 4 * 1024 * 1024 + 1], ids=["files", "words"])
def test_too_much_gets_the_sentence(client: FlaskClient, typed: int) -> None:
    answer = client.post(
        "/dang-nhap",
        data={"email": "x" * typed},
        environ_overrides={"CONTENT_LENGTH": str(250 * 1024 * 1024)} if typed == 100 else {},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 413
    said = {100: "Dữ liệu gửi lên vượt giới hạn."}.get(typed, "rút ngắn nội dung")
    assert said in answer.text


def test_thousand_fields_and_one_are_refused(client: FlaskClient) -> None:
    fields = {f"f{number}": "x" for number in range(1001)}
    answer = client.post("/dang-nhap", data=fields | {"paper": (BytesIO(b"x"), "a.pdf")})
    assert answer.status_code == 413


@on_both_databases
def test_two_who_write_the_same_at_once_are_told(workshop: Workshop) -> None:
    def view() -> str:
        for _ in range(2):
            with transaction() as session:
                session.add(Throttle(key=SECRET, window_start=clock.now(), tries=0))
        return ""

    workshop.hang(see("test.same", "/trung", view))
    answer = workshop.app.test_client().get("/trung")
    assert answer.status_code == 409
    assert is_plain(answer)


@on_postgres
@pytest.mark.parametrize("value", ["x" * 500, "a\0b"])
def test_value_that_fits_no_column_is_the_senders_fault(workshop: Workshop, value: str) -> None:
    def view() -> str:
        with transaction() as session:
            session.add(Throttle(key=value, window_start=clock.now(), tries=0))
        return ""

    workshop.hang(see("test.long", "/dai", view))
    assert workshop.app.test_client().get("/dai").status_code == 400


@on_postgres
def test_database_that_goes_away_is_waited_for(
    app: Flask, sign_in: SignIn, postgres: PostgresServer
) -> None:
    """Nothing private is served meanwhile, and no restart is needed after."""
    client = sign_in(Role.CITIZEN)
    assert client.get("/vai-tro").status_code == 200
    postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'")
    postgres.sql('ALTER DATABASE "portal" RENAME TO "portal_away"')
    try:
        for path in ("/vai-tro", "/"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "10"
            assert "tạm gián đoạn" in answer.text
            assert is_plain(answer)
        assert app.test_client().get("/healthz").status_code == 200
        ready = app.test_client().get("/readyz")
        assert ready.status_code == 503
        assert ready.get_json()["parts"]["database"] == "off"
        answer = send(app.test_client(), "/dang-nhap", email="a@b.vn", password="x")
        assert answer.status_code == 503
    finally:
        postgres.sql('ALTER DATABASE "portal_away" RENAME TO "portal"')
    assert client.get("/vai-tro").status_code == 200


@on_postgres
def test_connections_that_were_cut_are_replaced_unseen(
    sign_in: SignIn, postgres: PostgresServer
) -> None:
    client = sign_in(Role.CITIZEN)
    postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'portal'")
    assert client.get("/vai-tro").status_code == 200


@on_postgres
def test_table_locked_by_somebody_ends_in_a_sentence_in_time(
    app: Flask, postgres: PostgresServer
) -> None:
    client = app.test_client()
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname="portal") as operator:
        operator.execute("LOCK TABLE throttles IN ACCESS EXCLUSIVE MODE")
        answer = send(client, "/dang-nhap", email="a@b.vn", password="x")
        assert answer.status_code == 503
        assert client.get("/dang-nhap").status_code == 200
        operator.rollback()
    assert send(client, "/dang-nhap", email="a@b.vn", password="x").status_code == 422


@on_postgres
def test_more_people_than_connections_are_asked_to_wait(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.CITIZEN)
    with app.app_context():
        taken = [db.engine.connect() for _ in range(15)]
        for connection in taken:
            connection.execute(text("SELECT 1"))
        answer = client.get("/vai-tro")
        for connection in taken:
            connection.close()
    assert answer.status_code == 503
    assert client.get("/vai-tro").status_code == 200


def test_embedded_database_waits_for_whoever_writes(app: Flask, sign_in: SignIn) -> None:
    """Another process holds the pen for a second: nobody is refused for it."""
    path = app.config["SETTINGS"].database_url.removeprefix("sqlite:///")
    writing = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writing.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.0, lambda: writing.execute("COMMIT"))
    release.start()
    answer = send(app.test_client(), "/dang-nhap", email="a@b.vn", password="x")
    release.join()
    writing.close()
    assert answer.status_code == 422

"""What the real web server does with requests no browser of good will would send."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.portal.ground.served import Served, settings
from tests.rig.processes import ROOT

MEGABYTE = 1024 * 1024
TOO_LARGE = "Dữ liệu gửi lên vượt giới hạn"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    environment = settings(folder, MAX_UPLOAD_MB="1", MAX_DOSSIER_MB="3")
    migrate = [sys.executable, "-m", "flask", "--app", "wsgi", "migrate"]
    subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
    with Served(environment) as running:
        yield running


def ask(served: Served, request: str, body: bytes = b"") -> str:
    """Send bytes as they are, read until the server has said all of it."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode() + body)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()


def post(served: Served, length: str) -> str:
    return (
        f"POST /dang-nhap HTTP/1.1\nHost: {served.host}\nSec-Fetch-Site: same-origin\n"
        f"Content-Type: multipart/form-data; boundary=x\n{length}\nConnection: close\n\n"
    )


def test_body_over_the_limit_gets_the_sentence_and_is_taken_to_its_end(served: Served) -> None:
    """A browser reads the answer only when it has sent everything: it must not find a dead line."""
    size = 7 * MEGABYTE
    answer = ask(served, post(served, f"Content-Length: {size}"), bytes(size))
    assert answer.startswith("HTTP/1.1 413 ")
    assert TOO_LARGE in answer


def test_body_of_unknown_length_is_refused_at_once(served: Served) -> None:
    """Browsers always say how much they send; who does not could go on for ever."""
    chunk = b"%x\r\n" % MEGABYTE + bytes(MEGABYTE) + b"\r\n"
    answer = ask(served, post(served, "Transfer-Encoding: chunked"), chunk * 6 + b"0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 411 ")


def test_endless_body_is_answered_before_it_ends(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        head = post(served, f"Content-Length: {1024 * MEGABYTE}").replace("\n", "\r\n")
        connection.sendall(head.encode() + bytes(65536))
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_server_goes_on_answering_after_it_refused(served: Served) -> None:
    answer = ask(served, f"GET /healthz HTTP/1.1\nHost: {served.host}\nConnection: close\n\n")
    assert answer.startswith("HTTP/1.1 200 ")


def test_two_lengths_in_one_request_are_refused(served: Served) -> None:
    """What two servers in a row would read differently could hide a request in another."""
    both = "Content-Length: 4\nTransfer-Encoding: chunked"
    answer = ask(served, post(served, both), b"0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n")
    assert answer.startswith("HTTP/1.1 400 ")
    assert answer.count("HTTP/1.1 ") == 1


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_method_nobody_offers_is_refused(served: Served, method: str) -> None:
    request = f"{method} / HTTP/1.1\nHost: {served.host}\nX-Secret: mau\nConnection: close\n\n"
    answer = ask(served, request)
    assert answer.startswith("HTTP/1.1 405 ")
    assert "X-Secret" not in answer


def test_server_says_no_versions(served: Served) -> None:
    answer = ask(served, f"GET / HTTP/1.1\nHost: {served.host}\nConnection: close\n\n")
    head = answer.partition("\r\n\r\n")[0].lower()
    assert not any(word in head for word in ("werkzeug", "python", "gunicorn/", "x-powered-by"))


def test_pages_sent_by_the_server_are_whole(served: Served) -> None:
    connection = served.connect()
    connection.request("GET", "/dang-nhap")
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.read().decode().rstrip().endswith("</html>")
    connection.request("GET", "/static/css/portal.css")
    assert connection.getresponse().read() == (ROOT / "static/css/portal.css").read_bytes()
    connection.close()

"""Stands between scanner and portal, and does what the scanner cannot as somebody signed in.

Each form of ours goes through once: the scanner sends the same one a thousand times, so it gets a
new key here each time, as a page opened anew would give it. The doors that end the sign-in stay
shut.
"""

import http.client
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

# Out, under the shield, or into another role: whoever goes there is signed in no more.
ENDS_SESSION = ("/dang-xuat", "/khoa", "/vai-tro")
# As long as one of ours, so that the length of the form stays what its sender said.
KEY = re.compile(rb'(idempotency_key(?:=|"\r\n\r\n))[0-9a-f]{32}')
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "cookie"}
MOST = 40_000_000


class GoBetween(ThreadingHTTPServer):
    """Passes everything on under one person's cookie; `answers` counts them by status."""

    daemon_threads = True

    def __init__(self, portal: str, cookie: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.portal = urlsplit(portal).netloc
        self.cookie = cookie
        self.answers: Counter[int] = Counter()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.shutdown()
        self.server_close()


class Passing(BaseHTTPRequestHandler):
    """One connection of the scanner."""

    protocol_version = "HTTP/1.1"
    server: GoBetween

    def __getattr__(self, name: str) -> object:
        """Every method is passed on, those that nobody knows too."""
        if name.startswith("do_"):
            return self.pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: there are thousands."""

    def pass_on(self) -> None:
        """Ask the portal, and give its answer back."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST))
        if self.server.cookie and self.path.split("?")[0] in ENDS_SESSION and self.command != "GET":
            self.give(404, [], b"")
            return
        body = KEY.sub(lambda found: found[1] + uuid4().hex.encode(), body)
        connection = http.client.HTTPConnection(self.server.portal, timeout=120)
        try:
            connection.putrequest(self.command, self.path, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP:
                    connection.putheader(name, value)
            connection.putheader("Cookie", self.server.cookie or self.headers.get("Cookie", ""))
            connection.putheader("Sec-Fetch-Site", "same-origin")
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            self.give(answer.status, answer.getheaders(), answer.read())
        except (OSError, http.client.HTTPException, ValueError):  # cut, as the scanner would see
            self.close_connection = True
        finally:
            connection.close()

    def give(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer the scanner."""
        self.server.answers[status] += 1
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP and not (self.server.cookie and name == "Set-Cookie"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

"""Speaks to the portal: one connection, short questions, and errors named for what to do next."""

import base64
import http.client
import json
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from scanning.station.pairing import Pairing

_SECONDS = 30
_CLOSED, _UNKNOWN = 410, 404
_BUSY = frozenset({429, 502, 503, 504})


class Away(Exception):
    """The portal cannot be reached or is busy: what lies here stays, and is tried again."""


class Revoked(Exception):
    """The portal no longer knows this computer."""


class Closed(Exception):
    """The order is over: done, or called off by the clerk."""


class Refused(Exception):
    """The portal does not take it; the message is its sentence."""


@dataclass(frozen=True)
class Order:
    """What the clerk wants scanned; `run` counts how often he has started the scanner for it."""

    id: str
    state: str
    run: int
    source: str
    mode: str
    resolution: int
    pages: int  # the portal has them
    most: int


@dataclass
class Portal:
    """The doors for stations (docs/adr/0019)."""

    pairing: Pairing
    line: http.client.HTTPConnection | None = None
    tag: str = ""
    last: Order | None = field(default=None)

    @classmethod
    def pair(cls, url: str, code: str, ca: str = "") -> Pairing:
        """Exchange the code on the clerk's page for a secret; raises Refused with the reason."""
        portal = cls(Pairing(url, "", "", "", ca))
        try:
            _status, answer = portal._ask("POST", "/may-quet/ghep", {"code": code})
        finally:
            portal.close()
        return Pairing(url, answer["token"], answer["station"], answer["office"], ca)

    def greet(self, scanner: str, sources: list[str]) -> None:
        """Say which scanner stands here."""
        self._ask("POST", "/may-quet/chao", {"scanner": scanner, "sources": sources})

    def order(self) -> Order | None:
        """What is to be scanned now; an unchanged answer costs the portal nothing but a line."""
        headers = {"If-None-Match": self.tag} if self.tag else {}
        status, answer = self._ask("GET", "/may-quet/lenh", headers=headers)
        if status != 304:
            given = answer["order"]
            self.last = Order(**given) if given else None
        return self.last

    def begin(self, order: Order) -> int:
        """Take the order on; the number of the first page of this run."""
        answer = self._ask("POST", f"/may-quet/lenh/{order.id}/bat-dau", {"run": order.run})[1]
        return int(answer["first"])

    def send(self, order: str, number: int, data: bytes, sha256: str) -> str:
        """Hand a page over; the hash that the portal has written down for it."""
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        headers = {"Content-Type": "image/jpeg", "Content-Digest": f"sha-256=:{digest}:"}
        path = f"/may-quet/lenh/{order}/trang/{number}"
        return str(self._ask("POST", path, data, headers=headers)[1]["sha256"])

    def end(self, order: Order, pages: int, reason: str) -> None:
        """Say that the scanner has ended: with how many pages in all, and why, if not as wished."""
        told = {"run": order.run, "pages": pages, "reason": reason}
        self._ask("POST", f"/may-quet/lenh/{order.id}/ket-thuc", told)

    def close(self) -> None:
        """Hang up; the next question calls again."""
        if self.line is not None:
            self.line.close()
            self.line = None

    def _ask(
        self,
        method: str,
        path: str,
        content: dict[str, Any] | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        sent = {"Accept": "application/json"} | (headers or {})
        if self.pairing.token:
            sent["Authorization"] = f"Bearer {self.pairing.token}"
        if isinstance(content, dict):
            content = json.dumps(content).encode()
            sent["Content-Type"] = "application/json"
        try:
            status, tag, answer = self._exchange(method, path, content, sent)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise Away(_words(error)) from error
        _raise_for(status, answer)
        if method == "GET" and status == 200:
            self.tag = tag
        return status, answer

    def _exchange(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, str, dict[str, Any]]:
        if self.line is None:
            self.line = _call(self.pairing)
        self.line.request(method, path, content, headers)
        answer = self.line.getresponse()
        data = answer.read()
        if answer.getheader("Connection", "").lower() == "close":
            self.close()
        found = json.loads(data) if data else {}
        if not isinstance(found, dict):
            raise http.client.HTTPException("no object")
        return answer.status, answer.getheader("ETag", ""), found


def _call(pairing: Pairing) -> http.client.HTTPConnection:
    parts = urlsplit(pairing.url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    trusted = ssl.create_default_context(cafile=pairing.ca or None)
    return http.client.HTTPSConnection(host, parts.port, timeout=_SECONDS, context=trusted)


def _raise_for(status: int, answer: dict[str, Any]) -> None:
    """What the portal's number means for what lies here."""
    if status < 400:
        return
    sentence = str(answer.get("title", ""))
    if status == 401:
        raise Revoked(sentence)
    if status in (_CLOSED, _UNKNOWN):
        raise Closed(sentence)
    if status >= 500 or status in _BUSY:
        raise Away(f"cổng báo {status}")
    raise Refused(sentence or f"cổng báo {status}")


def _words(error: Exception) -> str:
    """Why there was no answer, in few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "chứng thư của cổng không được tin cậy; nếu cổng tự ký, ghép lại với --ca"
    if isinstance(error, TimeoutError):
        return "không trả lời"
    if isinstance(error, ConnectionRefusedError):
        return "không có chương trình nào nghe ở địa chỉ này"
    return type(error).__name__

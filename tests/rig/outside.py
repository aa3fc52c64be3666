"""A client over real HTTP with the manners of Flask's own, so that a Reader can use either."""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass
class Request:
    """What was asked for last, after all redirects."""

    url: str


@dataclass
class Answer:
    """What Flask's test client would give."""

    status_code: int
    data: bytes
    request: Request

    @property
    def text(self) -> str:
        return self.data.decode()


class OutsideClient:
    """A visitor with cookies of his own, who follows redirects."""

    def __init__(self, site: str) -> None:
        self.site = site
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, address: str, *, query_string: Any = None, **_: Any) -> Answer:
        query = f"?{urllib.parse.urlencode(query_string, doseq=True)}" if query_string else ""
        return self._ask(urllib.request.Request(self._whole(address) + query))  # noqa: S310 - our own site

    def post(self, address: str, *, data: dict[str, Any], **_: Any) -> Answer:
        body = urllib.parse.urlencode(data, doseq=True).encode()
        asked = urllib.request.Request(self._whole(address), body)  # noqa: S310 - our own site
        asked.add_header("Sec-Fetch-Site", "same-origin")
        asked.add_header("Origin", self.site)
        return self._ask(asked)

    def _whole(self, address: str) -> str:
        return urllib.parse.urljoin(self.site, address)

    def _ask(self, asked: urllib.request.Request) -> Answer:
        try:
            with self.opener.open(asked, timeout=30) as answer:
                return Answer(answer.status, answer.read(), Request(answer.url))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), Request(error.url))

"""A small server that speaks the S3 calls we use, over real HTTP, for tests without a real one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

ERROR = "<Error><Code>{0}</Code><Message>{0}</Message></Error>"
PAGE_SIZE = 2  # so that a listing needs several requests


class Handler(BaseHTTPRequestHandler):
    """Objects in memory: PUT (with If-None-Match), GET, HEAD, DELETE, and listing."""

    protocol_version = "HTTP/1.1"  # knows "Expect: 100-continue", for which boto3 waits a second
    objects: dict[str, bytes]
    down = False

    def answer(self, status: int, body: bytes = b"", code: str = "") -> None:
        body = ERROR.format(code).encode() if code and self.command != "HEAD" else body
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string())
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).partition("/")[2].partition("/")[2]

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.down:
            self.answer(503, code="SlowDown")
        elif self.headers.get("If-None-Match") == "*" and self.key in self.objects:
            self.answer(412, code="PreconditionFailed")
        else:
            self.objects[self.key] = data
            self.answer(200)

    def do_HEAD(self) -> None:
        found = not self.key or self.key in self.objects
        self.answer(503 if self.down else 200 if found else 404)

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            self.list(query)
        elif self.key in self.objects:
            self.answer(200, self.objects[self.key])
        else:
            self.answer(404, code="NoSuchKey")

    def do_DELETE(self) -> None:
        self.objects.pop(self.key, None)
        self.answer(204)

    def list(self, query: dict[str, list[str]]) -> None:
        start = int(query.get("continuation-token", ["0"])[0])
        keys = sorted(k for k in self.objects if k.startswith(query.get("prefix", [""])[0]))
        shown = keys[start : start + PAGE_SIZE]
        more = start + PAGE_SIZE < len(keys)
        items = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in shown)
        token = (
            f"<NextContinuationToken>{start + PAGE_SIZE}</NextContinuationToken>" if more else ""
        )
        self.answer(
            200,
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{items}"
            "</ListBucketResult>".encode(),
        )

    def log_message(self, *args: object) -> None:
        """Tests stay quiet."""


@contextmanager
def s3_peer() -> Iterator[tuple[str, type[Handler]]]:
    """Its address, and the handler whose `objects` and `down` a test may touch."""
    handler = type("Peer", (Handler,), {"objects": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Asks a server over plain HTTP/1.1, cheaply: the one who measures must not be what is measured."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ask:
    """One request, ready to be sent."""

    kind: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def data(self, host: str) -> bytes:
        """The bytes on the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        told = {"Accept-Encoding": "gzip"} | self.headers
        if self.method == "POST":
            told["Content-Length"] = str(len(self.body))
        lines += [f"{name}: {value}" for name, value in told.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Answer:
    """What came back; 0 means that nothing did."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The page, unpacked."""
        is_packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if is_packed else self.body).decode()


class Wire:
    """Connections to one server, kept open and used again as a browser would."""

    def __init__(self, host: str, port: int, patience: float = 30.0) -> None:
        self.host, self.port, self.patience = host, port, patience
        self.idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, question: Ask) -> Answer:
        """Send and wait for the whole answer; a broken or silent connection gives status 0."""
        try:
            async with asyncio.timeout(self.patience):
                return await self._ask(question)
        except (OSError, EOFError, TimeoutError, ValueError):
            return Answer(0)

    async def _ask(self, question: Ask) -> Answer:
        data = question.data(f"{self.host}:{self.port}")
        while self.idle:
            kept = self.idle.pop()
            try:
                return await self._over(kept, data)
            except (OSError, EOFError):
                kept[1].close()  # the server had closed it meanwhile: a new one is asked
        return await self._over(await asyncio.open_connection(self.host, self.port), data)

    async def _over(
        self, pair: tuple[asyncio.StreamReader, asyncio.StreamWriter], data: bytes
    ) -> Answer:
        reader, writer = pair
        writer.write(data)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = await self._body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append(pair)
        return Answer(int(head[0].split()[1]), headers, body)

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await reader.readexactly(int(headers.get("content-length", "0")))
        parts = []
        while size := int(await reader.readuntil(b"\r\n"), 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
        return b"".join(parts)

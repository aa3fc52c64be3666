"""How a message leaves the house: into a folder, or to a mail server."""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

SECONDS = 10
SENDER_NAME = "Một Cửa qua Bưu chính"


class CarrierFailed(Exception):
    """The message did not leave; it may another time. The text names no address."""


@dataclass(frozen=True)
class Letter:
    """A message as it leaves; the same `event_key` is the same message, however often sent."""

    kind: str
    event_key: str
    address: str
    subject: str
    body: str
    written_at: datetime

    @property
    def name(self) -> str:
        """A name for files and mail ids that tells nothing and is the same at every try."""
        return sha256(self.event_key.encode()).hexdigest()[:32]


def carry(letter: Letter, url: str, public_url: str) -> None:
    """Send the letter by `url`; raises CarrierFailed."""
    parts = urlsplit(url)
    try:
        if parts.scheme != "file":
            _by_smtp(mail(letter, public_url), parts)
        elif letter.kind == "mail":
            content = mail(letter, public_url).as_bytes()
            _into_folder(content, Path(unquote(parts.path)), _file_name(letter, "eml"))
        else:
            content = f"{letter.address}\n\n{letter.body}\n".encode()
            _into_folder(content, Path(unquote(parts.path)), _file_name(letter, "txt"))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise CarrierFailed(type(error).__name__) from error


def mail(letter: Letter, public_url: str) -> EmailMessage:
    """The letter as a mail."""
    host = urlsplit(public_url).hostname or "localhost"
    message = EmailMessage()
    message["From"] = f"{SENDER_NAME} <khong-tra-loi@{host}>"
    message["To"] = letter.address
    # A line break of any kind would end the header, and nobody would get the letter.
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.name}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _file_name(letter: Letter, ending: str) -> str:
    """The same at every try, so that a second one writes over the first."""
    return f"{letter.written_at:%Y%m%d-%H%M%S}-{letter.name}.{ending}"


def _into_folder(content: bytes, folder: Path, name: str) -> None:
    """Written beside, synced and renamed, so that no reader meets half a message."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / name)


def _by_smtp(message: EmailMessage, parts: SplitResult) -> None:
    with _server(parts) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


@contextlib.contextmanager
def _server(parts: SplitResult) -> Iterator[smtplib.SMTP]:
    """smtps:// is encrypted from the first byte; smtp:// as soon as the server offers it."""
    host = parts.hostname or "localhost"
    secure = ssl.create_default_context()
    if parts.scheme == "smtps":
        with smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=secure) as server:
            yield server
        return
    with smtplib.SMTP(host, parts.port or 587, timeout=SECONDS) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=secure)
        yield server

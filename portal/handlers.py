"""Turns every error into one clear page, fragment or problem JSON; never a stack trace."""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from contextlib import suppress

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal import htmx, idempotency, security
from portal.errors import Conflict, PortalError, Unavailable
from portal.extensions import db

log = logging.getLogger("portal.error")

SENTENCES = {
    400: _l("Yêu cầu chưa đúng. Ông/Bà quay lại và thử lại."),
    403: _l("Tài khoản của Ông/Bà không có quyền làm việc này."),
    404: _l("Không tìm thấy trang này."),
    405: _l("Địa chỉ này không nhận thao tác vừa gửi."),
    413: _l("Dữ liệu gửi lên vượt giới hạn. Ông/Bà chọn tệp nhỏ hơn rồi gửi lại."),
    429: _l("Ông/Bà đã thử quá nhiều lần. Vui lòng đợi một phút rồi thử lại."),
    500: _l("Hệ thống gặp lỗi. Thao tác vừa rồi chưa được ghi nhận, Ông/Bà thử lại sau."),
}
TOO_MANY_WORDS = _l(
    "Nội dung đã nhập dài quá mức nhận được. Ông/Bà quay lại, rút ngắn nội dung rồi gửi lại."
)
OUT_OF_ROOM = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.EFBIG,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
    }
)
# Doors for programs: of other people (surface.md), and of our own at the counters.
MACHINES = ("/api/", "/may-quet/")
PAGES = frozenset({400, 403, 404, 409, 413, 429, 500, 503})


def hang(app: Flask) -> None:
    """Bind the handlers to the application."""
    app.register_error_handler(PortalError, of_portal)
    app.register_error_handler(CSRFError, of_csrf)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(StaleDataError, of_stale)
    app.register_error_handler(DBAPIError, of_database)
    app.register_error_handler(PoolTimeout, of_outage)
    app.register_error_handler(OSError, of_machine)
    app.register_error_handler(MemoryError, of_outage)
    app.register_error_handler(Exception, of_anything)


def of_portal(error: PortalError) -> ResponseReturnValue:
    """An error of ours knows its own status and sentence."""
    conflict = error if isinstance(error, Conflict) else None
    kept = _what_was_sent() if isinstance(error, Unavailable) else []
    response = _page(error.status, str(error.sentence), conflict, fields=kept)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def of_csrf(_error: CSRFError) -> ResponseReturnValue:
    """A form without a token of ours."""
    sentence = _l("Biểu mẫu không được gửi từ trang này. Ông/Bà mở lại trang rồi gửi lại.")
    return _page(403, str(sentence))


def of_http(error: HTTPException) -> ResponseReturnValue:
    """What Flask and Werkzeug refuse."""
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    sentence = SENTENCES.get(status, SENTENCES[400])
    if status == 413 and not _is_too_heavy():
        sentence = TOO_MANY_WORDS
    response = _page(status, str(sentence))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def of_stale(_error: StaleDataError) -> ResponseReturnValue:
    """Two people changed the same dossier at once; this one was second."""
    return of_portal(Conflict())


def of_database(error: DBAPIError) -> ResponseReturnValue:
    """What the database refuses tells who must act: the sender, the other one, us, or time."""
    log.error("database: %s (%s)", type(error).__name__, type(error.orig).__name__)
    if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
        return of_outage(error)
    if isinstance(error, DataError):  # longer or larger than its column
        return of_portal(PortalError())
    if isinstance(error, IntegrityError):  # somebody wrote the same at the same moment
        return of_portal(Conflict())
    return of_anything(error)


def of_outage(_error: Exception) -> ResponseReturnValue:
    """The database is away, full, locked or overrun: nothing was taken.

    The page that says so asks it for nothing more.
    """
    g.is_outage = True
    with suppress(SQLAlchemyError):
        db.session.rollback()
    return of_portal(Unavailable())


def of_machine(error: OSError) -> ResponseReturnValue:
    """The machine has no room, no handles, or a disk that fails: it may have again."""
    if error.errno in OUT_OF_ROOM:
        log.error("the machine: %s", errno.errorcode[error.errno])
        return of_outage(error)
    return of_anything(error)


def of_anything(error: Exception) -> ResponseReturnValue:
    """What nobody foresaw: logged whole, shown as one sentence."""
    log.error("unforeseen: %s", type(error).__name__, exc_info=error)
    return _page(500, str(SENTENCES[500]))


def _is_too_heavy() -> bool:
    """Whether the whole of it was too much: else it was its words, or the number of fields."""
    most = current_app.config["MAX_CONTENT_LENGTH"]
    return request.content_length is None or request.content_length > most


def _what_was_sent() -> list[tuple[str, str]]:
    """The words of a form of ours that could not be taken, to be sent again under the same key.

    A form with files is not: sent again without them it would say something else.
    """
    try:
        is_ours = idempotency.FIELD in request.form and security.comes_from_here()
        if not is_ours or any(upload.filename for upload in request.files.values()):
            return []
    except (HTTPException, OSError):  # its bytes cannot be read, which is why it was refused
        return []
    pairs = request.form.items(multi=True)
    return [pair for pair in pairs if pair[0] != "csrf_token" and "password" not in pair[0]]


def _page(
    status: int,
    sentence: str,
    conflict: Conflict | None = None,
    fields: Sequence[tuple[str, str]] = (),
) -> Response:
    if request.path.startswith(MACHINES):
        problem = jsonify(type="about:blank", title=sentence, status=status)
        problem.headers["Content-Type"] = "application/problem+json"
        problem.status_code = status
        if status == 401:
            problem.headers["WWW-Authenticate"] = "Bearer"
        return problem
    if htmx.is_aside():
        return htmx.tell(sentence, status)
    shown = status if status in PAGES else (404 if status == 405 else 400)
    page = render_template(
        f"errors/{shown}.html",
        sentence=sentence,
        changes=conflict.changes if conflict else (),
        typed=conflict.typed if conflict else (),
        status=status,
        fields=fields,
        path=request.full_path.rstrip("?"),
        is_sent=request.method == "POST",
        is_heavy=status == 413 and _is_too_heavy(),
    )
    response = make_response(page, status)
    if htmx.wanted():
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response

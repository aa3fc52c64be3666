"""Two portals with one seeded mistake each, to prove that the sweep would find it.

Started in place of `wsgi:app`; the mistakes are laid from outside, the product has none of this.
"""

import threading
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.app import create_app
from portal.dossiers import services
from portal.dossiers.history import follow
from portal.extensions import db

LATE = 0.4  # seconds by which the receipt is ahead of the commit


class Late(psycopg.Connection[Any]):
    """A connection that says "committed" and commits a little later."""

    coming: threading.Timer | None = None

    def commit(self) -> None:
        self.coming = threading.Timer(LATE, super().commit)
        self.coming.start()

    def rollback(self) -> None:
        if self.coming is None:
            super().rollback()

    def cursor(self, *args: Any, **options: Any) -> Any:
        if self.coming is not None:
            self.coming.join()
            self.coming = None
        return super().cursor(*args, **options)


def receipt_first() -> Flask:
    """People read that it is done before it is."""

    @event.listens_for(Engine, "do_connect", insert=True)
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        options.pop("patience", None)
        return Late.connect(*arguments, **options)

    return create_app()


def two_transactions() -> Flask:
    """The code is given in one transaction, history, log and mail follow in another."""

    def follow_after_commit(*arguments: Any, **options: Any) -> Any:
        db.session.commit()
        return follow(*arguments, **options)

    services.follow = follow_after_commit  # type: ignore[assignment]
    return create_app()

"""Two portals with one seeded mistake each, to prove that the sweep would find it.

Started in place of `wsgi:app`; the mistakes are laid from outside, the product has none of this.
"""

import threading
from typing import Any

from flask import Flask

from portal import patience
from portal.app import create_app
from portal.dossiers import services
from portal.dossiers.history import follow
from portal.extensions import db

LATE = 1.5  # seconds by which the receipt is ahead of the commit


class Late(patience.PatientConnection):
    """A connection that says "committed" and commits a little later."""

    coming: threading.Timer | None = None

    def commit(self) -> None:
        if self.coming is None:
            self.coming = threading.Timer(LATE, self.commit_at_last)
            self.coming.start()

    def commit_at_last(self) -> None:
        self.coming = None
        super().commit()

    def rollback(self) -> None:
        if self.coming is None:
            super().rollback()


def receipt_first() -> Flask:
    """People read that it is done before it is."""

    patience.PatientConnection = Late  # type: ignore[misc] # the mistake
    return create_app()


def two_transactions() -> Flask:
    """The code is given in one transaction, history, log and mail follow in another."""

    def follow_after_commit(*arguments: Any, **options: Any) -> Any:
        db.session.commit()
        return follow(*arguments, **options)

    services.follow = follow_after_commit  # type: ignore[assignment] # the mistake
    return create_app()

"""Prints the papers of a dossier; each printing is written down."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from portal import clock
from portal.access import the_actor
from portal.audit.services import Named, record
from portal.db import transaction
from portal.dossiers import papers, queries
from portal.dossiers.models.dossier import Dossier
from portal.papers import answer


def acknowledgement(public_id: str) -> Response:
    """The acknowledgement of an online or pick-up dossier."""
    return _print(public_id, "acknowledgement", "giay-xac-nhan", papers.acknowledgement)


def receipt(public_id: str) -> Response:
    """Form 01."""
    return _print(public_id, "receipt", "mau-01", papers.receipt)


def supplement_request(public_id: str, number: int) -> Response:
    """Form 02 of one round."""
    return _print(
        public_id,
        "supplement_request",
        "mau-02",
        lambda dossier: papers.supplement_request(dossier, number),
    )


def refusal(public_id: str) -> Response:
    """Form 03."""
    return _print(public_id, "refusal", "mau-03", papers.refusal)


def stop_notice(public_id: str) -> Response:
    """Form 05."""
    return _print(public_id, "stop_notice", "mau-05", papers.stop_notice)


def return_slip(public_id: str) -> Response:
    """The slip of papers given back."""
    return _print(public_id, "return_slip", "phieu-hoan-tra", papers.return_slip)


def control_sheet(public_id: str) -> Response:
    """Form 06."""
    return _print(
        public_id,
        "control_sheet",
        "mau-06",
        lambda dossier: papers.control_sheet(dossier, clock.now()),
    )


def _print(public_id: str, kind: str, filename: str, build: Callable[[Dossier], bytes]) -> Response:
    actor = the_actor()
    dossier = queries.get_dossier(public_id, for_=actor)
    content = build(dossier)
    about, dossier_id, code = Named.of(dossier), dossier.id, dossier.code
    with transaction():
        record(f"paper:{kind}", about, by=actor, dossier_id=dossier_id)
    return answer(content, f"{filename}-{code}.pdf")

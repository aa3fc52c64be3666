"""Which kind of organisation each role is held at."""

from __future__ import annotations

# Roles and kinds by their values; the rules know neither the web nor the tables.
HELD_AT: dict[str, str | None] = {
    "citizen": None,
    "postal_clerk": "post_office",
    "courier": "post_office",
    "postal_supervisor": "post",
    "onestop_officer": "service_centre",
    "officer": "department",
    "leader": "department",
    "records_clerk": "department",
    "control": "province",
    "auditor": "operator",
    "admin": "operator",
}


def fits(role: str, kind: str | None) -> bool:
    """Whether the role can be held at an organisation of this kind (None: at none)."""
    return HELD_AT[role] == kind

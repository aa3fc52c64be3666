"""Loads what ships with the portal and holds for the whole country; may be run at every start."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from portal.calendar.importer import load_calendar
from portal.catalogue.importer import Loaded, load_procedures, load_tariffs
from portal.catalogue.published import DATA
from portal.directory.importer import load_units


def load_shipped(session: Session, folder: Path = DATA) -> Loaded:
    """Load units, calendar, prices and procedures; organisations are the site's own."""
    load_units(session, folder / "administrative_units.csv")
    load_calendar(session, folder / "calendar.json")
    load_tariffs(session, folder / "tariffs.json")
    return load_procedures(session, folder / "procedures.json")

"""The front page, the catalogue of procedures, post offices and prices: open to everyone."""

from __future__ import annotations

from itertools import groupby

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal import htmx
from portal.catalogue import published, queries
from portal.catalogue.models import ProcedureVersion
from portal.directory import queries as directory
from portal.directory.models import OrganisationKind

LONGEST_SEARCH = 200


def home() -> ResponseReturnValue:
    """The front page: what this is, a search box, three doors."""
    return render_template("home/index.html", sectors=queries.sectors())


def index() -> ResponseReturnValue:
    """The catalogue, searched and filtered; htmx swaps only the list."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    sector = request.args.get("linh-vuc", "")
    level = request.args.get("cap", "")
    everything = queries.listed()
    found = queries.search(text, limit=50) if text else list(everything)
    chosen = [version for version in found if _fits(version, sector, level)]
    groups = [] if text else _by_sector(chosen)
    return htmx.show(
        "catalogue/public/index.html",
        "catalogue/_results.html",
        text=text,
        sector=sector,
        level=level,
        found=chosen,
        groups=groups,
        sectors=queries.sectors(),
        levels=sorted({version.procedure.level for version in everything}),
    )


def post_offices() -> ResponseReturnValue:
    """Where the post's counters are, what carrying costs, and how long it may take."""
    return render_template(
        "catalogue/public/post_offices.html",
        offices=directory.organisations(OrganisationKind.POST_OFFICE),
        tariffs=queries.tariffs(),
        routes=published.transit_times(),
        exemptions=published.postal_exemptions(),
    )


def _fits(version: ProcedureVersion, sector: str, level: str) -> bool:
    procedure = version.procedure
    return (not sector or procedure.sector == sector) and (not level or procedure.level == level)


def _by_sector(found: list[ProcedureVersion]) -> list[tuple[str, list[ProcedureVersion]]]:
    by_sector = groupby(found, key=lambda version: version.procedure.sector)
    return [(sector, list(versions)) for sector, versions in by_sector]

"""The second list of an address: communes of the province just chosen."""

from __future__ import annotations

import re

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.directory import queries
from portal.errors import NotFound

_NAME = re.compile(r"[a-z_]{1,60}", re.ASCII)


def communes() -> ResponseReturnValue:
    """The select of communes, for the field whose province has changed."""
    name = request.args.get("ten", "")
    if not _NAME.fullmatch(name):
        raise NotFound
    province = request.args.get(f"{name}_province", "")[:5]
    units = [(unit.code, unit.name) for unit in queries.communes(province)] if province else []
    return render_template("directory/_communes.html", name=name, units=units)

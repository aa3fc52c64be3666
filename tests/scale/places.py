"""Whose a copied dossier becomes: few have most of it, as in life.

One agency has two dossiers in five, one post office a tenth of what goes by post, one citizen
5,000; the rest is spread over thirty agencies, twenty post offices and people with three each.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Table, text

from portal.db import Base, new_public_id
from portal.extensions import db

Row = dict[str, Any]

STEP = 1_000_000  # between the numbers of one copy and the next; no demo comes near it
OF_ONE_AGENCY = 0.4
OF_ONE_POST_OFFICE = 0.1
OF_ONE_OFFICER = 0.05  # of what his department has taken in hand
DOSSIERS_OF_ONE_CITIZEN = 5_000
DOSSIERS_OF_ANOTHER = 3
AGENCIES, POST_OFFICES = 30, 20
LONGEST_BEFORE = 3 * 24 * 3600  # seconds
FIRST_DEPARTMENT, FIRST_OFFICE = STEP + 1_000, STEP + 2_000
NAMES = ("service_centre", "department", "post_office")

Write = Callable[[Table, list[Row]], None]


class Places:
    """Agencies, post offices and people that a growing country needs, and who gets what."""

    def __init__(self, rng: Random, dossiers: int, write: Write) -> None:
        self.rng, self.write = rng, write
        self.offices: dict[int, int | None] = {}
        self._build()
        self.citizens = self._people(dossiers)

    def forget(self) -> None:
        """A new round: its dossiers have no place yet."""
        self.offices.clear()

    def settle(self, name: str, new: Row) -> None:
        """Give a copied row its place: a dossier chooses, what belongs to it follows."""
        if name == "dossiers":
            self._dossier(new)
        elif name in ("pickups", "postal_items"):
            new["post_office_id"] = self.offices[new["dossier_id"]] or new["post_office_id"]
            if new.get("courier_id") and new["post_office_id"] > STEP:
                new["courier_id"] = None
        elif name == "handovers":
            agency = self._agency()
            new["taker_place_id"] = STEP + agency if agency else new["taker_place_id"]
            new["giver_place_id"] = self._office() or new["giver_place_id"]

    def _dossier(self, new: Row) -> None:
        agency = self._agency()
        if agency and new["receiving_unit_id"]:
            new["receiving_unit_id"] = STEP + agency
        if agency and new["department_id"]:
            new["department_id"] = FIRST_DEPARTMENT + agency
        if new["officer_id"] and (agency or self.rng.random() > OF_ONE_OFFICER):
            new["officer_id"] = STEP + 3 * (agency or 0) + self.rng.randrange(3)
        office = self._office() if new["post_office_id"] else None
        self.offices[new["id"]] = office
        new["post_office_id"] = office or new["post_office_id"]
        if new["touched_at"]:
            new["touched_at"] = self._a_while_before(new["touched_at"])
        if new["applicant_id"] and self.citizens:
            new["applicant_id"] = self.citizens.pop()

    def _a_while_before(self, moment: datetime | str) -> datetime | str:
        """A moment of its own, or the newest dossiers of a desk would all be copies of one."""
        before = timedelta(seconds=self.rng.randrange(LONGEST_BEFORE))
        if isinstance(moment, datetime):
            return moment - before
        return f"{datetime.fromisoformat(moment) - before:%Y-%m-%d %H:%M:%S.%f}"

    def _agency(self) -> int | None:
        """Which of the new agencies, or None for the one that has most."""
        is_of_one = self.rng.random() < OF_ONE_AGENCY
        return None if is_of_one else 1 + self.rng.randrange(AGENCIES)

    def _office(self) -> int | None:
        is_of_one = self.rng.random() < OF_ONE_POST_OFFICE
        return None if is_of_one else FIRST_OFFICE + self.rng.randrange(POST_OFFICES)

    def _build(self) -> None:
        """The organisations, each like the demo's of its kind."""
        organisations = Base.metadata.tables["organisations"]
        if db.session.scalar(text(f"SELECT 1 FROM organisations WHERE id >= {STEP}")):  # noqa: S608 - our number
            return
        unit, department, office = (self._pattern(organisations, f"kind = '{n}'") for n in NAMES)
        rows = []
        for i in range(1, AGENCIES + 1):
            code = f"G{i:02d}.10"
            named = {"id": STEP + i, "code": code, "name": f"Trung tâm số {i}"}
            rows.append(unit | named)
            below = {"id": FIRST_DEPARTMENT + i, "parent_id": STEP + i}
            rows.append(department | below | {"code": f"{code}.01", "name": f"Phòng số {i}"})
        for i in range(POST_OFFICES):
            named = {"id": FIRST_OFFICE + i, "code": f"BCG-{i}", "name": f"Bưu cục số {i}"}
            rows.append(office | named)
        self.write(organisations, [row | {"public_id": new_public_id()} for row in rows])

    def _people(self, dossiers: int) -> list[int]:
        """Who hands them in: one citizen much, many others a little."""
        users, memberships = (Base.metadata.tables[name] for name in ("users", "memberships"))
        pattern = self._pattern(users, "email = 'congdan@demo.test'")
        one = int(pattern["id"])
        held = self._pattern(memberships, f"user_id = {one}")
        first = max(STEP, int(db.session.scalar(text("SELECT max(id) FROM users")) or 0) + 1)
        others = range(first, first + dossiers // DOSSIERS_OF_ANOTHER + 100)
        self.write(
            users,
            [
                pattern
                | {"id": i, "email": f"nguoi-{i}@growth.test", "public_id": new_public_id()}
                | {"name": f"Người Nộp {i}"}
                for i in others
            ],
        )
        self.write(memberships, [held | {"id": i, "user_id": i} for i in others])
        many = [i for i in others for _ in range(DOSSIERS_OF_ANOTHER)]
        counted = text("SELECT count(*) FROM dossiers WHERE applicant_id = :one")
        has = int(db.session.scalar(counted, {"one": one}) or 0)
        people = [*many, *[one] * min(DOSSIERS_OF_ONE_CITIZEN - has, dossiers // 10)]
        self.rng.shuffle(people)
        return people

    def _pattern(self, of: Table, where: str) -> Row:
        names = [each.name for each in of.columns]
        chosen = ", ".join(f'"{name}"' for name in names)
        asked = f"SELECT {chosen} FROM {of.name} WHERE {where} ORDER BY id LIMIT 1"  # noqa: S608 - ours
        return dict(zip(names, db.session.execute(text(asked)).one(), strict=True))

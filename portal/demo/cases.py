"""One demo dossier on its way through its story, and what the acts share."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from portal.access import Actor
from portal.catalogue.models import ProcedureVersion
from portal.demo.cast import Cast
from portal.demo.papers import Shelf
from portal.demo.people import Person
from portal.demo.stories import Story
from portal.directory.models import Organisation
from portal.dossiers.models.dossier import Dossier
from portal.postal.models import Handover, Pickup, PostalItem


@dataclass
class Case:
    """What the acts of one dossier must know of each other."""

    number: int
    story: Story
    person: Person
    account: Actor | None
    version: ProcedureVersion
    office: Organisation
    rng: Random
    is_scanned: bool = False
    made: Dossier | None = None
    item: PostalItem | None = None
    pickup: Pickup | None = None

    @property
    def citizen(self) -> Actor:
        """The applicant, in stories where he acts himself."""
        assert self.account is not None
        return self.account

    @property
    def dossier(self) -> Dossier:
        """The dossier, once its first act has made it."""
        assert self.made is not None
        return self.made

    @property
    def envelope(self) -> PostalItem:
        """The envelope that is on its way now."""
        assert self.item is not None
        return self.item


@dataclass
class Stage:
    """Who plays, the papers, and the hand-over records that wait for more lines."""

    cast: Cast
    shelf: Shelf
    proposed: dict[int, Handover] = field(default_factory=dict)

    def clerk(self, case: Case) -> Actor:
        """The clerk of the case's post office."""
        return self.cast.clerk_of(case.office.id)

    def officer(self, case: Case) -> Actor:
        """The officer of the department that decides on it."""
        department = case.dossier.department
        assert department is not None
        return self.cast.officer_of(department)

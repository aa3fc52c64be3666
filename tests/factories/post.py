"""Dossiers on the road: tallied, sealed, handed over, resolved, in a courier's bag."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import clock
from portal.access import Actor, Role
from portal.accounts.models import User
from portal.catalogue.models import PaperKind
from portal.db import new_public_id, transaction
from portal.directory.models import Organisation
from portal.documents.models import Document, DocumentFile, DocumentPage, FileState
from portal.documents.services import ensure_documents
from portal.dossiers import services as dossiers
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Channel, Dossier
from portal.dossiers.models.notices import OutcomeKind
from portal.extensions import db
from portal.postal import handovers, records, returns, services, visits
from portal.postal.handovers import Verdict
from portal.postal.lifecycle import Direction, FailureReason, PickupState
from portal.postal.models import Handover, Pickup, PostalItem, Slot
from portal.postal.rules import Count
from portal.postal.tallies import PaperTally
from tests.factories.world import World, make_dossier

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=clock.ZONE)
PRESENT = PaperTally(is_present=True, is_shown_only=False, kind=PaperKind.ORIGINAL, pages=2)
ABSENT = PaperTally(is_present=False, is_shown_only=False, kind=PaperKind.ORIGINAL, pages=None)


@dataclass
class Road:
    """A small province and the people of its post; each step leaves real rows behind."""

    world: World
    clerk: Actor
    officer: Actor
    courier: Actor
    at: datetime = MONDAY
    worker: Actor | None = None  # who decides; somebody new where nobody is named

    @classmethod
    def laid(cls, world: World) -> "Road":
        return cls(
            world,
            world.actor(Role.POSTAL_CLERK, name="Hồ Thị Mai"),
            world.actor(Role.ONESTOP_OFFICER, name="Trần Văn Thuận"),
            world.actor(Role.COURIER, name="Lê Văn Đường"),
        )

    def registered(self, name: str = "Nguyễn Thị Mẫu") -> str:
        """Papers to be brought to the counter; their rows are there."""
        public_id = make_dossier(
            self.world, self.clerk, channel=Channel.POST, at=self.at, name=name
        )
        with transaction():
            ensure_documents(self.dossier(public_id))
        return public_id

    def dossier(self, public_id: str) -> Dossier:
        return db.session.query(Dossier).filter_by(public_id=public_id).one()

    def papers(self, public_id: str) -> list[Document]:
        found = self.dossier(public_id)
        return db.session.query(Document).filter_by(dossier_id=found.id).order_by(Document.id).all()

    def scanned(
        self,
        public_id: str,
        pages: int = 2,
        *,
        paper: int = 0,
        state: FileState = FileState.READ,
        blank: int = 0,
        by: Actor | None = None,
        at: datetime | None = None,
    ) -> str:
        """A scan of one paper, as it stands when the worker is done with it (or is not)."""
        with transaction() as session:
            file = _file(self.papers(public_id)[paper], by or self.clerk, at or self.at)
            file.state, file.pages_total = state, pages + blank
            file.reason = "damaged" if state is FileState.FAILED else None
            if state is FileState.READ:
                numbers = range(1, pages + blank + 1)
                file.pages = [_page(number, is_blank=number > pages) for number in numbers]
            session.add(file)
            session.flush()
            return file.public_id

    def tallied(self, public_id: str, *papers: PaperTally) -> str:
        """The clerk has counted; without words the first paper is there with two pages."""
        with transaction():
            said = dict(
                zip(
                    (paper.public_id for paper in self.papers(public_id)),
                    papers or (PRESENT, ABSENT),
                    strict=False,
                )
            )
            found = self.dossier(public_id)
            return services.save_tally(found, said, by=self.clerk, at=self.at).public_id

    def sealed(self, name: str = "Nguyễn Thị Mẫu") -> str:
        """An envelope with one paper of two pages; returns the item's public id."""
        public_id = self.registered(name)
        self.scanned(public_id)
        self.tallied(public_id)
        with transaction():
            item = services.seal(self.dossier(public_id), "NP-0001", "", by=self.clerk, at=self.at)
            return item.public_id

    def ready(self) -> list[PostalItem]:
        """What the clerk could hand over now, whoever it goes to."""
        units = [unit.id for unit, _number in records.units_with_ready(self.clerk)]
        return [row for unit in units for row in records.ready(self.clerk, unit).rows]

    def item(self, public_id: str) -> PostalItem:
        return db.session.query(PostalItem).filter_by(public_id=public_id).one()

    def proposed(self, *items: str) -> str:
        """A hand-over record that waits for the officer."""
        with transaction():
            rows = records.lock_items(list(items) or [self.sealed()], [], for_=self.clerk)
            return handovers.propose(rows, by=self.clerk, at=self.at).public_id

    def handover(self, public_id: str) -> Handover:
        return records.get_handover(public_id, for_=self.officer)

    def signed(self, *items: str, verdict: Verdict | None = None) -> str:
        """A record that both have signed; without words everything was there."""
        return self.sign(self.proposed(*items), verdict)

    def sign(self, public_id: str, verdict: Verdict | None = None) -> str:
        """The officer counts what was proposed and signs."""
        with transaction():
            handover = records.get_handover(public_id, for_=self.officer, lock=True)
            whole = Verdict(is_accepted=True, count=Count(1, 0, 2))
            verdicts = {line.id: verdict or whole for line in handover.lines}
            handovers.sign(handover, verdicts, by=self.officer, at=self.at)
        return public_id

    def resolved(self) -> str:
        """A dossier whose result waits at the agency for the post."""
        item = self.sealed()
        self.signed(item)
        public_id = self.item(item).dossier.public_id
        self.worker = worker = self.worker or self.world.actor(Role.OFFICER)
        with transaction() as session:
            found = self.dossier(public_id)
            department = session.get_one(Organisation, self.world.department)
            dossiers.accept(found, by=self.officer, at=self.at)
            dossiers.forward(found, department, by=self.officer, at=self.at)
        with transaction():
            dossiers.decide(
                self.dossier(public_id),
                OutcomeKind.GRANTED,
                "Cấp giấy",
                "12/XN",
                None,
                by=worker,
                at=self.at,
            )
        return public_id

    def collected(self) -> str:
        """A result in the hands of the post; returns the item's public id."""
        public_id = self.resolved()
        with transaction():
            found = self.dossier(public_id)
            return returns.collect(found, "Lê Thị Hà", "", by=self.clerk, at=self.at).public_id

    def out(self, public_id: str | None = None, at: datetime | None = None) -> str:
        """A result on the courier's round."""
        public_id = public_id or self.collected()
        with transaction() as session:
            man = session.get_one(User, self.courier.user_id)
            returns.dispatch(self.item(public_id), man, by=self.clerk, at=at or self.at)
        return public_id

    def refused_twice(self) -> str:
        """A result that was brought to the door in vain, two times, a week apart."""
        public_id = self.collected()
        for days in (0, 7):
            at = self.at + timedelta(days=days)
            self.out(public_id, at)
            with transaction():
                returns.fail(self.item(public_id), FailureReason.ABSENT, "", by=self.courier, at=at)
        return public_id

    def pickup(
        self,
        on: date | None = None,
        *,
        state: PickupState = PickupState.REQUESTED,
        office: int | None = None,
    ) -> str:
        """A visit at the citizen's door; returns the pick-up's public id."""
        public_id = self.registered()
        with transaction() as session:
            found = self.dossier(public_id)
            row = Pickup(
                code=f"TG-{new_public_id()[:8].upper()}",
                dossier=found,
                post_office_id=office or self.world.office,
                state=state,
                slot_on=on or self.at.date(),
                slot=Slot.MORNING,
                address="12 Trần Phú",
                commune_code=self.world.commune,
                requested_at=self.at,
            )
            row.phone = "+84987654321"
            session.add(row)
            session.flush()
            return row.public_id

    def item_at_counter(self) -> str:
        """An envelope that is counted but still open; returns the item's public id."""
        public_id = self.registered()
        self.scanned(public_id)
        return self.tallied(public_id)

    def visited(self, pickup: Pickup) -> None:
        """The courier has the papers in his bag."""
        visits.collect(pickup, by=self.courier, at=self.at)

    def end(self, public_id: str, status: Status) -> str:
        """End a dossier without a result, by the verb of whoever may."""
        found = self.dossier(public_id)
        ways = {
            Status.WITHDRAWN: (dossiers.withdraw, self.world.actor(Role.CITIZEN)),
            Status.REJECTED: (dossiers.refuse, self.officer),
            Status.STOPPED: (dossiers.stop, self.world.actor(Role.OFFICER)),
        }
        verb, by = ways[status]
        with transaction():
            verb(self.dossier(public_id), "Không làm thủ tục này nữa", by=by, at=self.at)
        return found.public_id

    def items_back(self, dossier: str) -> list[PostalItem]:
        return (
            db.session.query(PostalItem)
            .filter_by(dossier_id=self.dossier(dossier).id, direction=Direction.TO_CITIZEN)
            .all()
        )


def _file(document: Document, by: Actor, at: datetime) -> DocumentFile:
    return DocumentFile(
        document=document,
        name="quet.pdf",
        content_type="application/pdf",
        size=1000,
        original_key=f"aa/bb/{new_public_id()}",
        original_sha256="0" * 64,
        taken_by_id=by.user_id,
        taken_by_name=by.name,
        taken_place_id=by.organisation.id if by.organisation else None,
        taken_at=at,
    )


def _page(number: int, *, is_blank: bool) -> DocumentPage:
    return DocumentPage(
        number=number,
        width_px=1240,
        height_px=1754,
        dpi=150,
        is_blank=is_blank,
        image_key=f"aa/bb/{new_public_id()}",
        image_sha256="0" * 64,
        thumb_key=f"aa/bb/{new_public_id()}",
        thumb_sha256="0" * 64,
    )

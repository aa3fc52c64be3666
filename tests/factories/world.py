"""A small province to test in: two centres with departments, a post with two offices."""

from dataclasses import dataclass
from datetime import date, datetime

from portal import clock
from portal.access import Actor, Place, Role
from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.calendar.models import CalendarDay, CalendarYear, DayKind
from portal.catalogue.models import (
    Component,
    PaperKind,
    Procedure,
    ProcedureVersion,
    Sureness,
    TimeUnit,
)
from portal.db import transaction
from portal.directory.models import Organisation, OrganisationKind
from portal.dossiers import services
from portal.dossiers.models.dossier import Channel, Dossier, ReturnMode
from portal.extensions import db
from vietnam.folding import fold

SECTOR = "Hộ tịch"
PASSWORD = "a long enough password"


@dataclass
class World:
    """Ids of everything in it, since rows expire with each transaction."""

    centre: int
    other_centre: int
    department: int
    other_department: int
    post: int
    office: int
    other_office: int
    procedure: str = "1.004873"
    commune: str = "22366"

    def place(self, organisation_id: int) -> Place:
        row = db.session.get_one(Organisation, organisation_id)
        return Place(row.id, row.code, row.name, row.kind.value, row.parent_id, row.province_code)

    def actor(self, role: Role, at: int | None = None, name: str = "Người Thử") -> Actor:
        """Somebody new in this role, at his usual place unless another is given."""
        usual = {
            Role.POSTAL_CLERK: self.office,
            Role.COURIER: self.office,
            Role.POSTAL_SUPERVISOR: self.post,
            Role.ONESTOP_OFFICER: self.centre,
            Role.OFFICER: self.department,
            Role.LEADER: self.department,
            Role.RECORDS_CLERK: self.department,
            Role.CONTROL: self.centre,
        }
        where = at if at is not None else usual.get(role)
        with transaction() as session:
            place = session.get(Organisation, where) if where else None
            number = session.query(User).count()
            email = f"{role.value}{number}@test.invalid"
            user = accounts.create(email, name, PASSWORD, role, place)
            user_id, public_id = user.id, user.public_id
        return Actor(
            user_id=user_id,
            public_id=public_id,
            name=name,
            email=email,
            role=role,
            organisation=self.place(where) if where else None,
            session_id=0,
        )

    def version(self) -> ProcedureVersion:
        return (
            db.session.query(ProcedureVersion)
            .join(Procedure)
            .filter(Procedure.code == self.procedure)
            .one()
        )


def make_world() -> World:
    """Write the small province; needs an application context."""
    with transaction() as session:
        province = _place("H32", OrganisationKind.PROVINCE)
        centre = _place("H32.10", OrganisationKind.SERVICE_CENTRE, province)
        other_centre = _place("H32.20", OrganisationKind.SERVICE_CENTRE, province)
        department = _place("H32.10.01", OrganisationKind.DEPARTMENT, centre, "22366", SECTOR)
        other = _place("H32.20.01", OrganisationKind.DEPARTMENT, other_centre, "22651", SECTOR)
        post = _place("BD56", OrganisationKind.POST)
        office = _place("BC56-01", OrganisationKind.POST_OFFICE, post, "22366")
        other_office = _place("BC56-02", OrganisationKind.POST_OFFICE, post, "22651")
        session.add(make_procedure("1.004873", "Cấp Giấy xác nhận tình trạng hôn nhân"))
        session.add_all(CalendarYear(year=year, source="test") for year in range(2024, 2040))
        session.add(
            CalendarDay(day=date(2026, 11, 24), kind=DayKind.OFF, reason="Ngày Văn hóa Việt Nam")
        )
        session.flush()
        return World(
            centre=centre.id,
            other_centre=other_centre.id,
            department=department.id,
            other_department=other.id,
            post=post.id,
            office=office.id,
            other_office=other_office.id,
        )


def make_procedure(code: str, name: str) -> Procedure:
    """A procedure of three working days with two papers, one of them conditional."""
    procedure = Procedure(code=code, name=name, sector=SECTOR, level="Cấp xã", folded=fold(name))
    version = ProcedureVersion(
        number=1,
        valid_from=date(2020, 1, 1),
        content_hash="test",
        time_value=3,
        time_unit=TimeUnit.WORKING_DAY,
        time_sureness=Sureness.KNOWN,
        fee_text="Do Hội đồng nhân dân cấp tỉnh quy định.",
        fee_sureness=Sureness.KNOWN,
        post_in=True,
        post_out=True,
        post_sureness=Sureness.KNOWN,
    )
    version.components = [
        Component(number=1, name="Tờ khai", kind=PaperKind.FORM),
        Component(
            number=2,
            name="Trích lục ly hôn",
            kind=PaperKind.COPY,
            is_required=False,
            condition="Nếu đã ly hôn",
        ),
    ]
    procedure.versions = [version]
    return procedure


def make_dossier(
    world: World,
    by: Actor,
    *,
    channel: Channel = Channel.ONLINE,
    at: datetime | None = None,
    name: str = "Nguyễn Thị Mẫu",
) -> str:
    """A dossier that has been sent; returns its public id."""
    moment = at or clock.now()
    with transaction():
        dossier = services.start_draft(world.version(), channel, by=by, at=moment)
        dossier.applicant_name = name
        dossier.commune_code = world.commune
        dossier.email = "mau@test.invalid"
        dossier.phone = "+84912345678"
        dossier.return_mode = ReturnMode.POST
        if dossier.post_office_id is None and channel is Channel.POST:
            dossier.post_office_id = world.office
        services.submit(dossier, by=by, at=moment)
        return dossier.public_id


def reload(public_id: str) -> Dossier:
    """The dossier as the database has it now."""
    db.session.rollback()
    return db.session.query(Dossier).filter_by(public_id=public_id).one()


def _place(
    code: str,
    kind: OrganisationKind,
    parent: Organisation | None = None,
    commune: str | None = None,
    sectors: str = "",
) -> Organisation:
    row = Organisation(
        code=code,
        name=f"{kind.value} {code}",
        kind=kind,
        parent=parent,
        province_code="56",
        commune_code=commune,
        sectors=sectors,
    )
    db.session.add(row)
    return row

"""A right that is taken away is gone on the very next request, for pages, fragments and files."""

from dataclasses import dataclass

import pytest
from sqlalchemy import text

from portal.access import Role
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.access.people import Person
from tests.access.trial import Trial
from tests.rig.forms import new_key

# One of each kind an old session might still open: a page, a fragment of it, a paper's file.
WORKERS = [
    role for role in Role if role not in (Role.ADMIN, Role.AUDITOR, Role.CITIZEN, Role.CONTROL)
]
HOMES = {
    Role.POSTAL_CLERK: "/buu-dien",
    Role.COURIER: "/buu-dien/tuyen",
    Role.POSTAL_SUPERVISOR: "/buu-dien/giam-sat",
    Role.LEADER: "/lanh-dao",
    Role.CONTROL: "/lanh-dao",
    Role.AUDITOR: "/quan-tri/nhat-ky",
    Role.ADMIN: "/quan-tri",
    Role.CITIZEN: "/cua-toi",
}
DOOR_OF_ROLE = "/can-bo"


@dataclass
class Admin:
    """Takes rights away through the pages an administrator has."""

    trial: Trial

    def send(self, path: str, **fields: str) -> None:
        admin = self.trial.person("admin.here")
        answer = admin.open(path, method="POST", data={"idempotency_key": new_key(), **fields})
        assert answer.status_code == 303, answer.text[-2000:]

    def name_of(self, table: str, number: int | None) -> str:
        with self.trial.app.app_context():
            query = text(f"SELECT public_id FROM {table} WHERE id = :number")  # noqa: S608 - a table named in this test
            return str(db.session.scalar(query, {"number": number}))

    def user(self, person: Person) -> str:
        return f"/quan-tri/nguoi-dung/{self.name_of('users', person.user)}"

    def lose_role(self, person: Person) -> None:
        number = self.number_of(person)
        self.send(f"{self.user(person)}/thu-hoi/{number}", **{f"role-{number}-reason": "nghỉ"})

    def number_of(self, person: Person) -> int:
        with self.trial.app.app_context():
            query = text("SELECT id FROM memberships WHERE user_id = :user ORDER BY id")
            ids = list(db.session.scalars(query, {"user": person.user}))
        return ids.index(person.membership) + 1

    def disable(self, person: Person) -> None:
        self.send(f"{self.user(person)}/ngung", **{"disable-reason": "nghỉ"})

    def give_role(self, person: Person, role: Role, place: int | None) -> None:
        organisation = self.name_of("organisations", place)
        self.send(f"{self.user(person)}/giao-vai-tro", role=role.value, organisation=organisation)

    def close(self, place: int | None) -> None:
        organisation = self.name_of("organisations", place)
        self.send(f"/quan-tri/to-chuc/{organisation}/ngung", reason="sáp nhập")


@pytest.fixture
def admin(trial: Trial) -> Admin:
    return Admin(trial)


def opened(trial: Trial, person: Person) -> list[str]:
    """A page, and where this role has them a dossier and the files of it, all open now."""
    found = [HOMES.get(person.role or Role.CITIZEN, DOOR_OF_ROLE)]
    for door in ("office.dossier", "leader.dossier", "post.dossier", "citizen.dossier"):
        found += _first(trial, person, door)
    for door in ("files.file_state", "files.original", "files.page_image", "files.page_thumb"):
        found += _first(trial, person, door)
    return found


def _first(trial: Trial, person: Person, door: str) -> list[str]:
    fitting = [
        address.path
        for address in trial.crawl.found
        if address.door == door and trial.expects(person, address) == "in"
    ]
    return fitting[:1]


def is_out(person: Person, path: str) -> bool:
    """Sent to sign in, whichever way it is asked for."""
    page, fragment = person.open(path), person.open(path, htmx=True)
    to_sign_in = page.status_code == 303 and "/dang-nhap" in page.headers["Location"]
    return to_sign_in and fragment.status_code == 401


def sessions_of(trial: Trial, person: Person) -> int:
    with trial.app.app_context():
        query = text("SELECT count(*) FROM web_sessions WHERE user_id = :user AND ended_at IS NULL")
        return int(db.session.scalar(query, {"user": person.user}) or 0)


@pytest.mark.parametrize("way", ["lose_role", "disable"])
@pytest.mark.parametrize("role", [*WORKERS, Role.CONTROL, Role.AUDITOR, Role.CITIZEN])
def test_an_old_session_opens_nothing_after_the_right_is_gone(
    trial: Trial, admin: Admin, role: Role, way: str
) -> None:
    person = trial.person(f"{role.value}.here")
    paths = opened(trial, person)
    assert {path: person.open(path).status_code for path in paths} == dict.fromkeys(paths, 200)
    getattr(admin, way)(person)
    assert [path for path in paths if not is_out(person, path)] == []
    assert sessions_of(trial, person) == 0


def test_one_role_of_many_that_is_lost_ends_the_sessions_in_the_others_too(
    trial: Trial, admin: Admin
) -> None:
    """They sign in again and find what is left."""
    clerk, officer = trial.person("postal_clerk.many"), trial.person("officer.many")
    assert clerk.open("/buu-dien").status_code == 200
    admin.lose_role(officer)
    assert is_out(officer, "/can-bo")
    assert is_out(clerk, "/buu-dien")


def test_a_closed_office_takes_nothing_new_from_the_next_request_on(
    trial: Trial, admin: Admin
) -> None:
    """What lies there is finished there; a dossier of no office yet is not let in any more."""
    clerk = trial.person("postal_clerk.here")
    facts = trial.judge.oracle.facts
    wanted = (row for row in facts.dossiers.values() if row["status"] == "supplement_required")
    free = next(row for row in wanted if row["post_office_id"] is None)
    with trial.app.app_context():
        key = db.session.get_one(Dossier, free["id"]).lookup_key

    def claim() -> int:
        sent = {"ma": free["code"], "khoa": key, "idempotency_key": new_key()}
        return clerk.open("/buu-dien/nhan", method="POST", data=sent).status_code

    with trial.put_back():
        assert claim() == 303
    admin.close(clerk.place)
    before = trial.digest()
    assert claim() == 409
    assert before == trial.digest()
    assert clerk.open("/buu-dien").status_code == 200


def test_an_officer_who_moves_leaves_every_dossier_behind(trial: Trial, admin: Admin) -> None:
    officer, other = trial.person("officer.here"), trial.person("officer.there")
    paths = opened(trial, officer)
    admin.give_role(officer, Role.OFFICER, other.place)
    admin.lose_role(officer)
    assert [path for path in paths if not is_out(officer, path)] == []

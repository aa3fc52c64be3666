"""Files are opened by those whose dossier it is, whole and unchanged, and it is written down."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.accounts.models import User
from portal.audit.models import AuditEvent
from portal.directory.models import Organisation
from portal.documents.models import FileState
from portal.extensions import db
from portal.worker import Worker
from tests.drawing.pages import draw_page
from tests.factories.papers import make_file, the_file
from tests.factories.world import make_dossier, make_world
from tests.rig.queries import max_queries
from tests.rig.sign_in import SignIn

PAGE = draw_page(3, dpi=150)


class Case:
    """A dossier sent by a citizen, with one file; `read()` has it read."""

    def __init__(self, app: Flask, sign_in: SignIn) -> None:
        self.app, self.sign_in = app, sign_in
        with app.test_request_context():
            self.world = make_world()
            citizen = self.world.actor(Role.CITIZEN)
            dossier = make_dossier(self.world, citizen)
            self.file = make_file(self.world, PAGE.data, "Đơn của tôi.jpg", dossier)
            self.citizen = citizen.user_id
        self.address = f"/giay-to/tep/{self.file}"

    def read(self) -> list[str]:
        """Every address of the file."""
        with self.app.app_context():
            Worker(self.app, slots=1).work_once()
            page = f"/giay-to/trang/{the_file(self.file).pages[0].public_id}"
        file = self.address
        return [file, f"{file}/goc", f"{file}/ban-doc.pdf", page, f"{page}/nho", f"{page}/chu"]

    def owner(self) -> FlaskClient:
        with self.app.app_context():
            return self.sign_in.known(db.session.get_one(User, self.citizen))

    def staff(self, role: Role, place: int) -> FlaskClient:
        with self.app.app_context():
            return self.sign_in(role, at=db.session.get_one(Organisation, place))


@pytest.fixture
def case(app: Flask, sign_in: SignIn) -> Case:
    return Case(app, sign_in)


@pytest.mark.tools
def test_the_owner_opens_everything_and_it_is_written_down(case: Case) -> None:
    addresses, owner = case.read(), case.owner()
    answers = {address: owner.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    state, original, searchable, image, thumb, words = answers.values()
    assert "Đơn của tôi.jpg" in state.text
    assert original.data == PAGE.data
    assert original.headers["Content-Disposition"] == (
        # A header of other letters than Latin ones is refused by the server of a real site.
        'attachment; filename="_on cua toi.jpg"; '
        "filename*=UTF-8''%C4%90%C6%A1n%20c%E1%BB%A7a%20t%C3%B4i.jpg"
    )
    assert searchable.data.startswith(b"%PDF")
    assert image.mimetype == thumb.mimetype == "image/webp"
    assert len(thumb.data) < len(image.data)
    assert words.json == {"boxes": []}
    assert len(owner.get(addresses[5], query_string={"q": "doc lap"}).json["boxes"]) >= 2
    for answer in answers.values():
        assert answer.headers["Cache-Control"] == "no-store"
        assert "sandbox" in answer.headers["Content-Security-Policy"] or answer is state
    with case.app.app_context():
        acts = {row.act for row in db.session.query(AuditEvent)}
        assert {"page:open", "file:open", "file:open_original"} <= acts


@pytest.mark.tools
def test_those_without_the_dossier_learn_nothing(case: Case, client: FlaskClient) -> None:
    addresses, world = case.read(), case.world
    strangers = {
        "another citizen": case.sign_in(Role.CITIZEN),
        "a clerk of another office": case.staff(Role.POSTAL_CLERK, world.other_office),
        "a courier": case.staff(Role.COURIER, world.office),
        "an officer before it is forwarded": case.staff(Role.OFFICER, world.department),
        "an officer elsewhere": case.staff(Role.ONESTOP_OFFICER, world.other_centre),
        "control": case.staff(Role.CONTROL, world.centre),
        "an auditor": case.sign_in(Role.AUDITOR),
        "an administrator": case.sign_in(Role.ADMIN),
    }
    for name, stranger in strangers.items():
        statuses = {stranger.get(address).status_code for address in addresses}
        assert statuses == {404}, name
    assert {client.get(address).status_code for address in addresses} == {303}
    assert case.staff(Role.ONESTOP_OFFICER, world.centre).get(addresses[1]).status_code == 200


def test_a_file_being_read_asks_again_and_stops_when_it_is_read(case: Case) -> None:
    owner = case.owner()
    waiting = owner.get(case.address, headers={"HX-Request": "true"}).text
    assert 'data-hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    with case.app.app_context():
        the_file(case.file).state = FileState.READ
        db.session.commit()
    assert "data-hx-trigger" not in owner.get(case.address, headers={"HX-Request": "true"}).text


def test_a_refused_file_says_why_and_what_to_do(case: Case) -> None:
    with case.app.app_context():
        file = the_file(case.file)
        file.state, file.reason = FileState.REFUSED, "encrypted"
        db.session.commit()
    assert "bỏ mật khẩu" in case.owner().get(case.address).text
    with case.app.app_context():
        file = the_file(case.file)
        file.state, file.reason = FileState.FAILED, "child_died"
        db.session.commit()
    assert "dừng đột ngột" in case.owner().get(case.address).text


def test_wrong_bytes_are_not_served(case: Case) -> None:
    with case.app.app_context():
        key = the_file(case.file).original_key
    folder = case.app.config["SETTINGS"].object_store_url.removeprefix("file://")
    Path(folder, key).write_bytes(b"tampered")
    assert case.owner().get(f"{case.address}/goc").status_code == 503


@pytest.mark.tools
def test_a_page_costs_few_queries(case: Case) -> None:
    addresses, owner = case.read(), case.owner()
    for address in addresses:
        with max_queries(12):
            owner.get(address)


def test_the_store_is_part_of_readiness(case: Case, client: FlaskClient) -> None:
    assert client.get("/readyz").json["parts"]["objects"] == "ok"

"""No other site can make what is private a part of its own page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import Role
from portal.doors import ROWS
from portal.dossiers.lifecycle import Status
from tests.factories.office import Office
from tests.factories.world import make_world
from tests.house.test_doors import address
from tests.rig.contents import contents
from tests.rig.sign_in import SignIn

PRIVATE = [row for row in ROWS if row.method == "GET" and row.who]
PARTS = ("image", "iframe", "frame", "object", "embed", "script", "style", "video", "empty")


@pytest.fixture
def office(app: Flask) -> Office:
    with app.test_request_context():
        return Office(app, make_world())


def as_part(site: str, part: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": part}


def test_no_private_door_opens_into_another_sites_page(app: Flask, sign_in: SignIn) -> None:
    clients = {role: sign_in(role) for role in Role}
    before = contents(app)
    opened = []
    for number, row in enumerate(PRIVATE):
        foreign = as_part(("cross-site", "same-site")[number % 2], PARTS[number % len(PARTS)])
        answer = clients[min(row.who)].get(address(row.path), headers=foreign)
        opened += [row.name] if answer.status_code != 403 else []
    assert opened == []
    assert contents(app) == before


def test_a_page_of_a_dossier_is_no_part_of_another_sites_page(office: Office) -> None:
    public_id = office.dossier(Status.PROCESSING)
    picture = f"/giay-to/trang/{office.page(public_id, 'Tờ khai')}"
    officer = office.client(Role.OFFICER)
    for part in PARTS:
        for site in ("cross-site", "same-site"):
            refused = officer.get(picture, headers=as_part(site, part))
            assert refused.status_code == 403
            assert "image" not in refused.mimetype
    for site in ("same-origin", "none"):
        assert officer.get(picture, headers=as_part(site, "image")).mimetype == "image/webp"


def test_a_link_from_elsewhere_leads_in_as_ever(client: FlaskClient, sign_in: SignIn) -> None:
    link = as_part("cross-site", "document") | {"Sec-Fetch-Mode": "navigate"}
    assert sign_in(Role.CITIZEN).get("/cua-toi", headers=link).status_code == 200
    assert client.get("/cua-toi", headers=link).status_code == 303
    assert client.get("/thu-tuc", headers=as_part("cross-site", "empty")).status_code == 200

"""Who was slower is told what changed and keeps what he typed; nothing of his is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import Role
from portal.accounts.models import User
from portal.db import transaction
from portal.doorman import Row
from portal.doors import ROWS
from portal.dossiers.lifecycle import Verb
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from portal.postal import handovers, records, returns
from portal.postal.handovers import Verdict
from portal.postal.lifecycle import FailureReason, Relation
from portal.postal.models import PostalItem
from portal.postal.returns import Recipient
from portal.postal.rules import Count
from tests.factories.everything import Everything, make_everything
from tests.factories.office import FRIDAY
from tests.factories.post import Road
from tests.factories.steps import FILLED
from tests.factories.world import make_world
from tests.rig import on_both_databases
from tests.rig.clocks import TurnedClock
from tests.rig.contents import contents
from tests.rig.crawl import Crawl
from tests.rig.forms import token_of
from tests.rig.reader import Form, Forms, Reader
from tests.rig.sign_in import SignIn

SAID = "Giấy tờ đang ở chỗ chị Hoa"
NOTED = ("web_sessions", "audit_events", "throttles")


@dataclass
class Case:
    """The page on which a form with a version stands, and what somebody types into it."""

    page: str
    typed: dict[str, str] = field(default_factory=dict)
    button: dict[str, str] = field(default_factory=dict)


def step(verb: Verb, door: str = "office") -> Case:
    return Case(f"{door}.{verb.value}", FILLED.get(verb, {}))


CASES = {
    "citizen.send": Case("citizen.check"),
    "citizen.discard_post": Case("citizen.discard"),
    "citizen.pickup_send": Case("citizen.pickup_check"),
    "citizen.withdraw_post": Case("citizen.withdraw", {"reason": SAID}),
    "citizen.supplement_post": Case("citizen.supplement", {"words-0": SAID}, {"action": "send"}),
    "citizen.pickup_change": Case("citizen.pickup"),
    "citizen.pickup_cancel": Case("citizen.pickup"),
    "post.tally_post": Case("post.tally", {"seal_number": "NP-77"}, {"act": "seal"}),
    "post.withdraw_post": Case(
        "post.withdraw", {"receiver": "Lê Hoa", "shown": "card", "reason": SAID}
    ),
    "post.unseal": Case("post.slip", {"reason": SAID}),
    "post.collect_post": Case("post.collect", {"giver_name": "Lê Thị Hoa", "note": SAID}),
    "post.dispatch": Case("post.item"),
    "post.deliver": Case(
        "post.delivery",
        {"relation": Relation.SELF.value, "recipient_name": "Lê Hoa", "is_checked": "y"},
    ),
    "post.fail": Case("post.failure", {"reason": FailureReason.ABSENT.value, "note": SAID}),
    "post.send_back": Case("post.item", {"taker_name": "Lê Thị Hoa"}),
    "post.turn_round": Case("post.papers", {"pages": "2", "note": SAID}),
    "post.collect_papers": Case(
        "post.papers", {"giver_name": "Lê Thị Hoa", "pages": "2", "note": SAID}
    ),
    "office.give_papers_post": Case(
        "office.give_papers",
        {
            "relation": Relation.SELF.value,
            "recipient_name": "Lê Hoa",
            "is_checked": "y",
            "pages": "2",
            "note": SAID,
        },
    ),
    "office.claim": Case("office.dossier"),
    "office.release": Case("office.dossier"),
    **{f"office.{verb.value}_post": step(verb) for verb in FILLED},
    "office.accept_post": step(Verb.ACCEPT),
    "office.forward_post": step(Verb.FORWARD),
    "office.confirm_payment_post": step(Verb.CONFIRM_PAYMENT),
    "leader.stop_post": step(Verb.STOP, "leader"),
    "leader.decide_post": step(Verb.DECIDE, "leader"),
}
# What a citizen adds to an answer is kept at once, and the page says that it was not sent yet.
KEEPS_AT_ONCE = {"citizen.supplement_post"}
BEHIND_THE_LAST_TASK = {"citizen.send", "citizen.pickup_send"}


@pytest.fixture
def made(app: Flask, turned_clock: TurnedClock) -> Everything:
    turned_clock.set(FRIDAY)
    return make_everything(app)


def row_of(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)


def form_for(row: Row, page: str) -> Form | None:
    """The form of a page that goes through this door and carries a version."""
    path = re.compile(re.sub(r"<[^>]+>", r"[^/]+", row.path))
    fitting = [one for one in Forms(page).found if path.fullmatch(one.action.split("?")[0])]
    return next((one for one in fitting if "version" in one.names), None)


def find_page(made: Everything, door: str) -> tuple[FlaskClient, Form]:
    """Somebody before the page of the form."""
    see, row = row_of(CASES[door].page), row_of(door)
    for role in sorted(row.who):
        for path in Crawl(made).paths(see):
            answer = made.clients[role].get(path)
            form = form_for(row, answer.text) if answer.status_code == 200 else None
            if form is not None:
                # The rows of a tally stand beside the form they belong to.
                beside = re.findall(r'name="([\w-]+-kind)"', answer.text)
                form.values.update({name: ["original"] for name in beside})
                return made.clients[role], form
    assert door in BEHIND_THE_LAST_TASK, f"nobody finds the form of {door}"
    return unfinished(made, row)


def unfinished(made: Everything, row: Row) -> tuple[FlaskClient, Form]:
    """The button of a draft that is not ready to be sent; its page would not show it yet."""
    client = made.clients[Role.CITIZEN]
    path = Crawl(made).paths(row)[0]
    with made.app.app_context():
        query = select(Dossier.version).filter_by(public_id=path.split("/")[3])
        version = str(db.session.scalar(query))
    values = {"version": [version], "csrf_token": [token_of(client)]}
    return client, Form(path, "post", values, set(values))


def test_a_form_filled_in_on_an_old_picture_comes_back_with_everything_typed(
    made: Everything,
) -> None:
    wrong = {door: found for door in CASES if (found := what_is_lost(made, door))}
    assert wrong == {}


def what_is_lost(made: Everything, door: str) -> str:
    client, form = find_page(made, door)
    typed = CASES[door].typed
    chosen = {"pickup_slot": "", "courier": "", "department": ""}.keys() & form.names
    extra = {name: offered(client, CASES[door].page, made, name) for name in chosen}
    stale = {"version": str(int(form.values["version"][0]) - 1)}
    sent = form.values | extra | typed | CASES[door].button | stale
    before = contents(made.app, besides=NOTED)
    answer = client.post(form.action, data=sent | {"idempotency_key": uuid4().hex})
    if answer.status_code != 409:
        return f"{answer.status_code} instead of 409"
    if "vừa được người khác thay đổi" not in answer.text:
        return "does not say what happened"
    if door not in KEEPS_AT_ONCE and contents(made.app, besides=NOTED) != before:
        return "something was written"
    return missing(answer.text, row_of(door), typed | extra)


def offered(client: FlaskClient, page: str, made: Everything, name: str) -> str:
    """A choice that the page offers."""
    for path in Crawl(made).paths(row_of(page)):
        text = client.get(path).text
        area = re.search(rf'<select[^>]*name="{name}".*?</select>', text, re.DOTALL)
        radio = re.search(rf'name="{name}"[^>]*value="([^"]+)"', text)
        value = re.search(r'<option[^>]*value="([^"]+)"', area[0]) if area else radio
        if value:
            return unescape(value[1])
    raise AssertionError(f"{page} offers nothing for {name}")


def missing(page: str, row: Row, typed: dict[str, str]) -> str:
    """What does not stand in its field any more, or, without the form, on the page."""
    form = form_for(row, page)
    if form is None:
        return str([text for text in typed.values() if text not in unescape(page)] or "")
    return str([n for n, text in typed.items() if form.values.get(n) != [text]] or "")


def signs(road: Road, public_id: str) -> None:
    handover = records.get_handover(public_id, for_=road.officer, lock=True)
    whole = Verdict(is_accepted=True, count=Count(1, 0, 2))
    verdicts = {line.id: whole for line in handover.lines}
    handovers.sign(handover, verdicts, by=road.officer, at=road.at)


def voids(road: Road, public_id: str) -> None:
    handover = records.get_handover(public_id, for_=road.clerk, lock=True)
    handovers.void(handover, "Đổi chuyến", by=road.clerk, at=road.at)


def proposes(road: Road, dossier_id: str) -> None:
    item = db.session.query(PostalItem).join(PostalItem.dossier)
    found = item.filter(Dossier.public_id == dossier_id).one()
    handovers.propose([found], by=road.clerk, at=road.at)


def delivers(road: Road, public_id: str) -> None:
    who = Recipient("Lê Hoa", Relation.SELF, "căn cước", "")
    returns.deliver(road.item(public_id), who, by=road.clerk, at=road.at)


def sealed(road: Road) -> str:
    return road.item(road.sealed()).dossier.public_id


@dataclass
class Race:
    """A page that one person has open while another does something to the same thing."""

    lay: Callable[[Road], str]
    page: str
    form: str
    typed: dict[str, str]
    faster: Callable[[Road, str], None]
    says: str


RACES = {
    "unseal": Race(
        sealed,
        "/buu-dien/ho-so/{}/phieu-gui",
        "mo-niem-phong",
        {"reason": SAID},
        proposes,
        "Huỷ bảng kê rồi mở niêm phong",
    ),
    "void": Race(
        Road.proposed,
        "/buu-dien/ban-giao/{}",
        "/huy",
        {"reason": SAID},
        signs,
        "Bảng kê này đã được Trần Văn Thuận ký",
    ),
    "sign": Race(
        Road.proposed,
        "/can-bo/ban-giao/{}",
        "/can-bo/ban-giao/",
        {"note": SAID, "originals": "1", "copies": "0", "pages": "2", "verdict": "Nhận"},
        voids,
        "Bưu điện đã huỷ bảng kê này: Đổi chuyến",
    ),
    "dispatch": Race(
        Road.collected,
        "/buu-dien/buu-gui/{}",
        "di-phat",
        {"courier": "Lê Văn Đường"},
        delivers,
        "vừa được người khác thay đổi",
    ),
    "send back": Race(
        Road.refused_twice,
        "/buu-dien/buu-gui/{}",
        "chuyen-hoan",
        {"taker_name": "Lê Thị Hoa"},
        delivers,
        "vừa được người khác thay đổi",
    ),
}


@on_both_databases
@pytest.mark.parametrize("name", RACES)
def test_who_was_slower_at_the_post_reads_what_happened_and_what_he_typed(
    app: Flask, sign_in: SignIn, turned_clock: TurnedClock, name: str
) -> None:
    race = RACES[name]
    with app.test_request_context():
        road = Road.laid(make_world())
        turned_clock.set(road.at + timedelta(days=5))
        public_id = race.lay(road)
        person = road.officer if name == "sign" else road.clerk
        user = db.session.get_one(User, person.user_id)
        sent = {"Lê Văn Đường": road.courier.public_id, "Nhận": "accept"}
    reader = Reader(sign_in.known(user)).open(race.page.format(public_id))
    form = reader.form(race.form)
    with app.test_request_context(), transaction():
        race.faster(road, public_id)
    before = contents(app, besides=NOTED)
    typed = {full(name, form): sent.get(text, text) for name, text in race.typed.items()}
    reader.post(form.action, form.values | typed)
    assert reader.status == 409
    assert race.says in unescape(reader.page)
    assert [text for text in race.typed.values() if text not in unescape(reader.page)] == []
    assert contents(app, besides=NOTED) == before


def full(name: str, form: Form) -> str:
    """The field as the form calls it: lines of a record carry the code of their envelope."""
    return next(one for one in form.names if one == name or one.endswith(f"-{name}"))

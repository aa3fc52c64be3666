"""Forms of those who may send them: each door opens, and fields nobody asked for change nothing."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal import schema
from portal.doors import ROWS
from portal.extensions import db
from tests.access.crawl import KEY, Address
from tests.access.judge import IN
from tests.access.people import Person
from tests.access.trial import SIDE_TABLES, Trial
from tests.rig.forms import new_key
from tests.rig.sign_in import PASSWORD

LEAST_REACHED = 0.95
MOST_TRIED = 20  # forms of one door, until one goes through
# What nobody may set by adding it to a form.
EXTRAS = {
    "status": "returned",
    "role": "admin",
    "department_id": "1",
    "department": "1",
    "receiving_unit_id": "1",
    "post_office_id": "1",
    "officer_id": "1",
    "applicant_id": "1",
    "submitted_by_id": "1",
    "user_id": "1",
    "owner": "1",
    "courier_id": "1",
    "taken_by_id": "1",
    "is_staff": "1",
    "is_admin": "1",
    "is_active": "0",
    "is_demo": "1",
    "is_accepted": "1",
    "fee_paid": "1",
    "sha256": "0" * 64,
    "original_sha256": "0" * 64,
    "public_id": "khong-co-ten-nay",
    "created_at": "2020-01-01",
    "received_at": "2020-01-01",
    "due_at": "2030-01-01",
    "finished_at": "2020-01-01",
}
# Names and seals are drawn anew each time.
RANDOM = ("public_id", "_sealed", "_key", "_index", "_hash", "token", "sha256")
TYPED = {
    "reason": "Lý do để thử",
    "amount": "15000",
    "pages": "2",
    "email": "moi@test.invalid",
    "password": "an entirely new password",
    "phone": "0900000123",
    "requester_phone": "0900000123",
    "applicant_name": "Nguyễn Thị Mới",
    "shown": "card",
    "receiver": "Nguyễn Thị Mẫu",
}


@dataclass
class Sent:
    """A form that went through."""

    person: Person
    address: Address
    fields: dict[str, str]


def test_every_door_opens_to_somebody_and_takes_only_what_it_asks_for(trial: Trial) -> None:
    went_through = {}
    for number, row in enumerate(ROWS):
        if row.method != "POST":
            continue
        is_loaded = trial.is_whole or number % 3 == 0
        for sent in _candidates(trial, row.name):
            with trial.put_back():
                if _send(trial, sent).status_code < 400:
                    went_through[row.name] = sent
                    left = _rows(trial)
            if row.name in went_through and is_loaded:
                assert _left_by(trial, sent, _unasked(sent)) == left, row.name
            if row.name in went_through:
                break
    _read_once(trial)
    missed = sorted({row.name for row in ROWS} - set(trial.judge.reached))
    print(
        f"\nforms: {len(went_through)} of {sum(row.method == 'POST' for row in ROWS)} went through"
        f", {'each' if trial.is_whole else 'each third'} also with {len(EXTRAS)} fields nobody"
        f" asked for;"
        f" {len(trial.judge.reached)} of {len(ROWS)} doors reached as allowed; not: {missed}"
    )
    assert len(trial.judge.reached) >= LEAST_REACHED * len(ROWS), missed
    assert (trial.judge.leaks, trial.judge.undressed) == ([], [])


def _candidates(trial: Trial, door: str) -> list[Sent]:
    """Who may send which form there, forms that a page showed to them first."""
    found = []
    for address in [*_known(trial), *trial.crawl.found, *trial.made_up()]:
        if address.door != door or address.method != "POST":
            continue
        for person in trial.people:
            is_own = address.seen_by in (person.name, "nobody")
            if is_own and trial.expects(person, address) == IN:
                found.append(Sent(person, address, _filled(address.sent())))
                break
    return found[:MOST_TRIED]


def _known(trial: Trial) -> list[Address]:
    """A form that only stands on the answer to a code: papers that no office has yet."""
    facts = trial.judge.oracle.facts
    wanted = (row for row in facts.dossiers.values() if row["status"] == "supplement_required")
    free = next(row for row in wanted if row["post_office_id"] is None)
    fields = ((KEY, ""), ("khoa", "ABC234"), ("ma", str(free["code"])))
    return [Address("post.claim", "POST", "/buu-dien/nhan", (), fields, "nobody")]


def _filled(fields: dict[str, str]) -> dict[str, str]:
    """What somebody types who means it."""
    return {name: TYPED.get(name.rpartition("-")[2], text) for name, text in fields.items()}


def _send(trial: Trial, sent: Sent, **extras: str) -> Any:
    trial.forget_throttles()
    fields = sent.fields | extras
    if KEY in fields:
        fields[KEY] = new_key()
    if sent.address.door == "accounts.unlock":
        fields["password"] = PASSWORD
    answer = sent.person.open(sent.address.path, method="POST", data=fields)
    trial.judge.hear(sent.person, sent.address, answer)
    return answer


def _unasked(sent: Sent) -> dict[str, str]:
    return {name: text for name, text in EXTRAS.items() if name not in sent.fields}


def _left_by(trial: Trial, sent: Sent, extras: dict[str, str]) -> list[tuple[str, list[str]]]:
    """What the form leaves behind when it carries fields nobody asked for."""
    with trial.put_back():
        assert _send(trial, sent, **extras).status_code < 400
        return _rows(trial)


def _rows(trial: Trial) -> list[tuple[str, list[str]]]:
    """Every row, without what is drawn anew each time."""
    found = []
    with trial.app.app_context(), db.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name in SIDE_TABLES or table.name.startswith("audit"):
                continue
            columns = [c for c in table.columns if not c.name.endswith(RANDOM)]
            rows = connection.execute(select(*columns)).all() if columns else []
            found.append((table.name, sorted(map(repr, rows))))
    return found


def _read_once(trial: Trial) -> None:
    """Each reading door that no page of the walk led to, as somebody it is for."""
    for address in trial.made_up():
        if address.method == "GET" and not trial.judge.reached[address.door]:
            for person in trial.people:
                if trial.expects(person, address) == IN and not trial.judge.reached[address.door]:
                    trial.try_door(person, address)

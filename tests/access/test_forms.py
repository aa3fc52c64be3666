"""Forms of those who may send them: each door opens, and fields nobody asked for change nothing."""

import io
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal import schema
from portal.doors import ROWS
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.access.crawl import KEY, Address
from tests.access.filling import MOST, Control, Sheet, Sheets, Typed, wrong_in
from tests.access.judge import IN
from tests.access.oracle import Row
from tests.access.people import Person
from tests.access.trial import SIDE_TABLES, Trial
from tests.rig.forms import new_key

Rows = dict[str, list[str]]  # of each column, all that stands in it
LEAST_REACHED = 0.95
ON_PAPER = ("ma", "khoa", "code", "key")
# A form that only stands on the answer to a code: papers that no office has yet.
BY_CODE = ((KEY, ""), ("khoa", ""), ("ma", ""))
SEALED = "/can-bo/niem-phong"
MOST_TRIED = 60  # things at one door, until the form of one goes through
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


@dataclass
class Sent:
    """A form that went through."""

    person: Person
    address: Address
    fields: Typed

    def again(self) -> Typed:
        """The fields once more: a file that was sent has been read to its end."""
        return {
            name: (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
            for name, value in self.fields.items()
        }


def test_every_door_opens_to_somebody_and_takes_only_what_it_asks_for(trial: Trial) -> None:
    went_through = {}
    for number, row in enumerate(ROWS):
        if row.method != "POST" or row.is_machine:  # tests/access/test_stations.py has these
            continue
        is_loaded = trial.is_whole or number % 3 == 0
        found = _taken(trial, row.name)
        if found is None:
            continue
        went_through[row.name], left = found
        if is_loaded:
            sent = found[0]
            drawn = _differing(left, _left_by(trial, sent, {}))  # names and seals, anew each time
            assert _differing(left, _left_by(trial, sent, _unasked(sent))) <= drawn, row.name
    _read_once(trial)
    rows = [row for row in ROWS if not row.is_machine]
    missed = sorted({row.name for row in rows} - set(trial.judge.reached))
    forms = [row.name for row in rows if row.method == "POST"]
    closed = sorted(set(forms) - set(went_through))
    print(
        f"\nforms: {len(went_through)} of {len(forms)} went through"
        f", {'each' if trial.is_whole else 'each third'} also with {len(EXTRAS)} fields nobody"
        f" asked for; not: {closed};"
        f" {len(trial.judge.reached)} of {len(rows)} doors reached as allowed; not: {missed}"
    )
    assert closed == []
    assert len(trial.judge.reached) >= LEAST_REACHED * len(rows), missed
    assert (trial.judge.leaks, trial.judge.undressed) == ([], [])


def _taken(trial: Trial, door: str) -> tuple[Sent, Rows] | None:
    """The first form of a door that goes through, and what it leaves behind."""
    for person, address in _candidates(trial, door):
        for sheet in _sheets(trial, person, address):
            for button in range(max(1, len(sheet.buttons))):
                with trial.put_back():
                    sent = _settled(trial, person, address, sheet, button)
                    if sent is not None:
                        return sent, _rows(trial)
    for person, address in _candidates(trial, door)[:20]:  # at least let in, if only to be told
        if not trial.judge.reached[door]:
            with trial.put_back():
                trial.try_door(person, address)
    return None


def _settled(
    trial: Trial, person: Person, address: Address, sheet: Sheet, button: int
) -> Sent | None:
    """Sent, corrected where the answer says so and sent again; None when it is not to be had."""
    wrong: Counter[str] = Counter()
    for _ in range(MOST):
        sent = Sent(person, address, sheet.filled(wrong, button) | _held(trial, sheet))
        answer = _send(trial, sent)
        if answer.status_code < 400:
            return sent
        if answer.status_code != 422:
            return None
        wrong.update(wrong_in(answer.text, sheet))
    return None


def _candidates(trial: Trial, door: str) -> list[tuple[Person, Address]]:
    """Who may send which form there, forms that a page showed to them first."""
    found = []
    claim = Address("post.claim", "POST", "/buu-dien/nhan", (), BY_CODE, "nobody")
    for address in [claim, _sealed_file(trial), *trial.crawl.found, *trial.made_up(door)]:
        if address.door != door or address.method != "POST":
            continue
        if trial.judge.row_of(address).is_open:  # a visitor first
            found.append((trial.person("visitor"), address))
        for person in trial.people:
            is_own = address.seen_by in (person.name, "nobody")
            if is_own and trial.expects(person, address) == IN:
                found.append((person, address))
                break
    return found[:MOST_TRIED]


def _sealed(trial: Trial) -> Row:
    """The dossier that belongs to no place any more."""
    dossiers = trial.judge.oracle.facts.dossiers.values()
    return next(one for one in dossiers if one["code"] and one["receiving_unit_id"] is None)


def _sealed_file(trial: Trial) -> Address:
    """The form that only stands where its dossier was opened for a reason."""
    number = _sealed(trial)["id"]
    files = trial.judge.oracle.facts.things["file"].values()
    file = next(one["public_id"] for one in files if one["dossier_id"] == number)
    fields = (("code", str(_sealed(trial)["code"])), ("file", str(file)), ("reason", "Công văn 1"))
    return Address("office.sealed_file", "POST", f"{SEALED}/tep", (), fields, "nobody")


def _sheets(trial: Trial, person: Person, address: Address) -> list[Sheet]:
    """The form as it stands on its page: the one that led here, or any about the same things."""
    for page in filter(None, (address.page, address.path, *trial.router.pages_of(address))):
        answer = person.open(page)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            sheets = Sheets(answer.text, page).found
            found = [one for one in sheets if one.action == address.path]
            if found:
                return found
    fixed = {name: Control("text", [text]) for name, text in address.fields}
    return [] if address.is_made_up and address.values else [Sheet(address.path, fixed)]


def _held(trial: Trial, sheet: Sheet) -> Typed:
    """What stands on a paper in somebody's hand: the code and the key of a dossier."""
    open_ones = [name for name in sheet.controls if name in ON_PAPER]
    if not open_ones:
        return {}
    facts = trial.judge.oracle.facts
    wanted = (row for row in facts.dossiers.values() if row["status"] == "supplement_required")
    free = next(row for row in wanted if row["post_office_id"] is None)
    with trial.app.app_context():
        key = str(db.session.get_one(Dossier, free["id"]).lookup_key)
    code = str((_sealed(trial) if sheet.action.startswith(SEALED) else free)["code"])
    held = {"ma": code, "code": code, "khoa": key, "key": key}
    return {name: held[name] for name in open_ones if not sheet.controls[name].is_ready}


def _send(trial: Trial, sent: Sent, **extras: str) -> Any:
    """Send it under a key of its own; nobody is throttled."""
    trial.forget_throttles()
    fields = sent.again() | extras
    if KEY in fields:
        fields[KEY] = new_key()
    answer = sent.person.open(sent.address.path, method="POST", data=fields)
    if set(ON_PAPER) & set(fields):  # whoever holds the paper may know: test_counts, test_rights
        trial.judge.reached[sent.address.door] += answer.status_code < 400
    else:
        trial.judge.hear(sent.person, sent.address, answer)
    return answer


def _unasked(sent: Sent) -> dict[str, str]:
    return {name: text for name, text in EXTRAS.items() if name not in sent.fields}


def _left_by(trial: Trial, sent: Sent, extras: dict[str, str]) -> Rows:
    """What the form leaves behind when it carries fields nobody asked for."""
    with trial.put_back():
        assert _send(trial, sent, **extras).status_code < 400
        return _rows(trial)


def _rows(trial: Trial) -> Rows:
    """Everything that stands in the database, column by column."""
    found: Rows = {}
    with trial.app.app_context(), db.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name in SIDE_TABLES or table.name.startswith("audit"):
                continue
            rows = connection.execute(select(table)).all()
            for number, column in enumerate(table.columns):
                found[f"{table.name}.{column.name}"] = sorted(repr(row[number]) for row in rows)
    return found


def _differing(one: Rows, other: Rows) -> set[str]:
    return {name for name in one if one[name] != other[name]}


def _read_once(trial: Trial) -> None:
    """Each reading door that no page of the walk led to, as somebody it is for."""
    for address in trial.made_up():
        if address.method == "GET" and not trial.judge.reached[address.door]:
            for person in trial.people:
                if trial.expects(person, address) == IN and not trial.judge.reached[address.door]:
                    trial.try_door(person, address)

"""Names that do not belong together: /dossier/mine/file/theirs, and a foreign name in a form."""

import re
from collections.abc import Iterator

from portal.doorman import Row as DoorRow
from portal.doors import ROWS
from tests.access.crawl import KEY, Address
from tests.access.judge import IN
from tests.access.oracle import Row
from tests.access.people import Person
from tests.access.trial import Trial

INNER = {"document_id": "document", "file_id": "file"}
REFUSED = (404, 409)  # 409 where the outer thing is in no state for it, whatever stands inside


def test_a_thing_inside_a_dossier_must_be_of_that_dossier(trial: Trial) -> None:
    """For every address that names two things, each in turn from another dossier."""
    before, tried = trial.digest(), 0
    for row in _nested_doors():
        for person, mine, theirs in _meetings(trial, row):
            for path in _mixed(trial, row, mine, theirs):
                fields = ((KEY, ""),) if row.changes else ()
                values = (("public_id", mine["public_id"]),)
                address = Address(row.name, row.method, path, values, fields)
                answer = person.open(path, method=row.method, data=address.sent())
                assert answer.status_code in REFUSED, (person.name, row.name, path)
                tried += 1
    assert tried > 0
    assert before == trial.digest()


def test_a_foreign_name_in_a_form_takes_nothing(trial: Trial) -> None:
    """What a form names in its body is looked for in the sender's own scope."""
    before = trial.digest()
    for name, answer in _foreign_names(trial):
        assert answer in (403, 404, 409, 422), name
    assert before == trial.digest()


def _nested_doors() -> list[DoorRow]:
    return [row for row in ROWS if "<public_id>" in row.path and re.search(_inside(), row.path)]


def _inside() -> str:
    return "|".join(f"<{name}>" for name in INNER)


def _meetings(trial: Trial, row: DoorRow) -> Iterator[tuple[Person, Row, Row]]:
    """Somebody the door is open to on one dossier, and another dossier with papers and files."""
    facts = trial.judge.oracle.facts
    filed = {thing["dossier_id"] for thing in facts.things["file"].values()}
    for person in trial.people:
        fitting = [one for one in facts.dossiers.values() if _is_open(trial, person, row, one)]
        others = [facts.dossiers[number] for number in sorted(filed)]
        for mine in fitting[: trial.most]:
            far = [other for other in others if other["id"] != mine["id"]]
            yield from ((person, mine, theirs) for theirs in (far[0], far[-1]))


def _is_open(trial: Trial, person: Person, row: DoorRow, dossier: Row) -> bool:
    values = (("public_id", dossier["public_id"]),)
    return trial.expects(person, Address(row.name, row.method, "", values)) == IN


def _mixed(trial: Trial, row: DoorRow, mine: Row, theirs: Row) -> Iterator[str]:
    """The address with one of its inner names from the other dossier."""
    inner = [name for name in INNER if f"<{name}>" in row.path]
    for foreign in inner:
        path = row.path.replace("<public_id>", mine["public_id"])
        for name in inner:
            of = theirs if name == foreign else mine
            path = path.replace(f"<{name}>", _first(trial, INNER[name], of))
        yield path


def _first(trial: Trial, kind: str, dossier: Row) -> str:
    things = trial.judge.oracle.facts.things[kind].items()
    return next((name for name, one in things if one["dossier_id"] == dossier["id"]), "khong-co")


def _foreign_names(trial: Trial) -> Iterator[tuple[str, int]]:
    facts = trial.judge.oracle.facts

    def send(who: str, path: str, **fields: str) -> int:
        person = trial.person(who)
        sent = {KEY: Address("", "POST", "", (), ((KEY, ""),)).sent()[KEY], **fields}
        return person.open(path, method="POST", data=sent).status_code

    def of_there(kind: str, **wanted: str) -> Row:
        clerk = trial.person("postal_clerk.there")
        return next(
            row
            for row in facts.things[kind].values()
            if row["post_office_id"] == clerk.place
            and all(row[name] == value for name, value in wanted.items())
        )

    envelope = of_there("item", status="sealed")["public_id"]
    yield "item on a list", send("postal_clerk.here", "/buu-dien/ban-giao", items=envelope)
    stop = of_there("item", status="out_for_delivery")["public_id"]
    phone = "/buu-dien/tuyen/dien-thoai"
    yield "telephone of a parcel", send("courier.here", phone, kind="item", stop=stop)
    visit = of_there("pickup", status="requested")["public_id"]
    yield "telephone of a visit", send("courier.here", phone, kind="pickup", stop=visit)
    free = next(
        row
        for row in facts.dossiers.values()
        if row["status"] == "supplement_required" and row["post_office_id"] is None
    )
    taken = of_there("dossier", status="registered")["code"]
    for code in (free["code"], taken):
        yield (
            "a dossier by its code",
            send("postal_clerk.here", "/buu-dien/nhan", ma=str(code), khoa="ABC234"),
        )
    role = str(trial.person("admin.here").membership)
    yield "a role of another", send("citizen.here", "/vai-tro", membership=role)

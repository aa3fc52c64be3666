"""What strangers read of a dossier's history: what happened and where, never who."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.dossiers.lifecycle import Status, Verb
from portal.dossiers.models.dossier import DossierEvent
from portal.dossiers.public_history import lines

PORTAL = Path(__file__).resolve().parents[3] / "portal"
NOTED = re.compile(r"""note\(\s*[\w.]+,\s*"(\w+)"|_say\(\w+, "(\w+)\"""")
# Work inside an office, counts and words of the citizen: nobody else's business.
PRIVATE = {"claim", "release", "tally", "supplement_words"}
AT = datetime(2026, 11, 22, 9, 0, tzinfo=clock.ZONE)


def event(act: str, **values: object) -> DossierEvent:
    given = {"actor_name": "Nguyễn Thị Mẫu", "sentence": "Nguyễn Thị Mẫu đã ký", "place": ""}
    return DossierEvent(act=act, at=AT, **(given | values))


def noted_acts() -> set[str]:
    """Every kind of line that the code writes by itself."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("dossiers", "postal")
        for path in (PORTAL / room).glob("*.py")
    )
    return {first or second for first, second in NOTED.findall(text)}


def test_every_line_the_code_writes_is_public_on_purpose_or_private_on_purpose(app: Flask) -> None:
    acts = noted_acts() | {verb.value for verb in Verb}
    assert len(acts) > 20
    with app.test_request_context():
        silent = {act for act in acts if not lines([event(act)])}
    assert silent == PRIVATE


def test_no_stored_sentence_and_no_name_comes_out(app: Flask) -> None:
    with app.test_request_context():
        told = lines([event(verb.value, to_status=Status.ACCEPTED) for verb in Verb])
    assert len(told) == len(Verb)
    assert not any("Mẫu" in line.text for line in told)


@pytest.mark.parametrize(("organisation", "place"), [(None, ""), (7, "Bưu cục Nha Trang")])
def test_only_an_organisation_has_a_public_place(
    app: Flask, organisation: int | None, place: str
) -> None:
    with app.test_request_context():
        told = lines([event("seal", place="Bưu cục Nha Trang", organisation_id=organisation)])
    assert told[0].place == place

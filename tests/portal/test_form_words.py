"""What a person reads of a form that waits, and of a mistake in it: Vietnamese, every word."""

import ast
from pathlib import Path

import wtforms
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from portal.door_form import SENTENCES, DoorForm, Vietnamese
from tests.factories.country import REQUESTER, Country, start_online
from tests.rig.clocks import TurnedClock
from tests.rig.sign_in import PASSWORD

PAIRS = [SelectChoice("a", "A"), SelectChoice("b", "B")]


class Everything(DoorForm):
    """Says nothing of its own about mistakes."""

    one = SelectField(choices=PAIRS)
    other = RadioField(choices=PAIRS)
    some = SelectMultipleField(choices=PAIRS)
    number = IntegerField(validators=[NumberRange(1, 9)])
    least = IntegerField(validators=[NumberRange(min=5)])
    most = IntegerField(validators=[NumberRange(max=5)])
    no_number = IntegerField()
    long = StringField(validators=[Length(max=3)])
    short = StringField(validators=[Length(min=3)])
    between = StringField(validators=[Length(2, 3)])
    exact = StringField(validators=[Length(3, 3)])
    missing = StringField(validators=[DataRequired()])
    absent = StringField(validators=[InputRequired()])


TRANSLATING = ("gettext", "ngettext")
WRONG = {
    "one": "x",
    "other": "x",
    "some": "x",
    "number": "99",
    "least": "1",
    "most": "9",
    "no_number": "hai",
    "long": "dài quá",
    "short": "n",
    "between": "dài quá",
    "exact": "n",
}


def sentences_of_the_library() -> set[str]:
    """Every sentence that WTForms would have translated."""
    found = set()
    for path in Path(wtforms.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in TRANSLATING:
                found |= {word.value for word in call.args if isinstance(word, ast.Constant)}
    return found


def test_mistakes_are_said_in_our_words(app: Flask) -> None:
    with app.test_request_context():
        form = Everything(MultiDict(WRONG))
        assert not form.validate()
        said = {name: errors[0] for name, errors in form.errors.items()}
        unknown = Vietnamese().gettext("never heard of")
    assert said["long"] == "Rút gọn còn không quá 3 ký tự."
    assert said["number"] == "Nhập số từ 1 đến 9."
    assert said.keys() == WRONG.keys() | {"missing", "absent"}
    assert unknown not in said.values()


def test_no_sentence_of_the_library_reaches_people(app: Flask) -> None:
    theirs = sentences_of_the_library()
    assert len(theirs) > 20
    with app.test_request_context():
        ours = {Vietnamese().gettext(sentence) for sentence in theirs}
    assert not ours & theirs
    for beginning in SENTENCES:
        assert any(sentence.startswith(beginning) for sentence in theirs), beginning


def test_declaration_that_waits_is_read_as_it_was_asked(
    country: Country, turned_clock: TurnedClock
) -> None:
    citizen = country.citizen()
    citizen.open(f"{start_online(citizen)}/khai/requester")
    turned_clock.advance(minutes=31)
    citizen.send("requester_name", action="save", **REQUESTER)
    citizen.send("email", email="citizen-1@test.invalid", password=PASSWORD)
    shown = citizen.page.partition("<dl")[2].partition("</dl>")[0]
    assert "Phường Nha Trang" in shown
    assert "Tỉnh Khánh Hòa" in shown
    assert "requester_" not in shown
    assert "save" not in shown

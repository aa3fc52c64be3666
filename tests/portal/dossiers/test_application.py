"""The electronic form as data: when a question is asked, and which answers will do."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from portal.dossiers import answers
from portal.dossiers.application import Application, Question, is_asked, kept, read, tidy
from portal.dossiers.generic_form import generic, return_page

FORMS = sorted((Path(__file__).resolve().parents[3] / "data" / "forms").glob("*.json"))
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _spoken(app: Flask) -> Iterator[None]:
    """Sentences need to know the language."""
    with app.test_request_context():
        yield


def form(code: str) -> Application:
    path = next(path for path in FORMS if path.stem == code)
    return read(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_filled_sample_of_each_form_has_no_problem(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert answers.problems(read(data), data["sample"], TODAY) == []
    assert answers.doubts(read(data), data["sample"]) == {}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_empty_form_has_one_sentence_for_each_required_question(path: Path) -> None:
    application = read(json.loads(path.read_text(encoding="utf-8")))
    asked = [q for q in application.questions.values() if is_asked(application, q, {})]
    wrong = answers.problems(application, {}, TODAY)
    expected = [question.name for question in asked if question.required]
    expected += [q.name for q in asked if application.group and q.group == application.group][:1]
    assert sorted(problem.name for problem in wrong) == sorted(expected)
    assert all(problem.sentence.strip().endswith((".", "?", "”")) for problem in wrong)


def test_answers_to_questions_not_put_are_not_kept() -> None:
    application = form("2.000635")
    given = {"for_whom": "self", "subject_name": "Trần Văn Con", "relation": "Mẹ"}
    assert kept(application, given) == {"for_whom": "self"}
    assert kept(application, given | {"for_whom": "other"})["relation"] == "Mẹ"


def test_a_hidden_question_is_never_missing() -> None:
    application = form("2.000635")
    wrong = {p.name for p in answers.problems(application, {"for_whom": "self"}, TODAY, "subject")}
    assert wrong == set()
    wrong = {p.name for p in answers.problems(application, {"for_whom": "other"}, TODAY, "subject")}
    assert wrong == {"subject_name", "subject_birth", "relation"}


def test_one_of_the_boxes_must_be_ticked() -> None:
    application = form("2.000720")
    told = answers.problems(application, {}, TODAY, "changes")
    assert [problem.sentence for problem in told] == ["Chọn ít nhất một nội dung thay đổi."]
    ticked = {"change_name": "yes", "new_name": "Cửa hàng Mẫu"}
    assert answers.problems(application, ticked, TODAY, "changes") == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", "2/9/1985", "31/02/1985"),
        ("date", "1985-09-02", "1985"),
        ("year_or_date", "1985", "85"),
        ("year_or_date", "09/1985", "13/1985"),
        ("year_or_date", "02.09.1985", "hôm qua"),
        ("number", "20.000", "hai"),
        ("citizen_number", "056 185 000 123", "05618500012"),
        ("citizen_number", "310123456", "O56185000123"),
        ("phone", "+84 900 000 123", "0123 456 789"),
        ("phone", "0258 3822 123", "900"),
        ("email", "a@vidu.vn", "a@vidu"),
        ("commune", "22366", "Nha Trang"),
    ],
)
def test_each_kind_of_answer_is_read_as_people_write_it(kind: str, good: str, bad: str) -> None:
    question = Question("x", "Câu hỏi", kind=kind, required=True)
    assert answers.problem_with(question, good, TODAY) is None
    assert answers.problem_with(question, bad, TODAY)


def test_a_birth_is_not_in_the_future() -> None:
    question = Question("subject_birth", "Ngày sinh", kind="year_or_date")
    assert answers.problem_with(question, "23/11/2026", TODAY)
    assert answers.problem_with(question, "2027", TODAY)
    assert answers.problem_with(question, "22/11/2026", TODAY) is None


def test_a_number_stays_between_its_ends() -> None:
    question = Question("copies", "Số bản", kind="number", least=1, most=50)
    assert answers.problem_with(question, "0", TODAY) == "Ít nhất là 1."
    assert answers.problem_with(question, "51", TODAY) == "Nhiều nhất là 50."


def test_a_doubtful_citizen_number_warns_and_does_not_block() -> None:
    application = form("2.000635")
    given = {"requester_citizen_number": "056186000123", "requester_birth": "02/09/1985"}
    assert "1986" in answers.doubts(application, given)["requester_citizen_number"]
    question = application.questions["requester_citizen_number"]
    assert answers.problem_with(question, given["requester_citizen_number"], TODAY) is None


def test_numbers_that_identify_people_are_masked_when_read_back() -> None:
    number = Question("n", "Số", kind="citizen_number")
    phone = Question("p", "Điện thoại", kind="phone")
    assert answers.shown(number, "056185000123") == "0561••••0123"
    assert "000" not in answers.shown(phone, "0900 000 123")


def test_answers_are_kept_in_one_form_of_unicode() -> None:
    assert tidy("  Nguye\u0302\u0303n\r\nA\x00 ") == "Nguyễn\nA"


def test_a_page_of_free_questions_is_done_only_when_it_was_saved() -> None:
    free = Application("t", (generic().pages[0],))
    page = free.pages[0]
    assert answers.standing(free, page, {}, TODAY) == "todo"
    assert answers.standing(free, page, {"requester_name": ""}, TODAY) == "partial"


def test_the_result_comes_by_post_only_where_the_procedure_allows_it() -> None:
    ways = {value for value, _label in return_page(by_post=False).questions[0].options}
    assert ways == {"desk", "online"}

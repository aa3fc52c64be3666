"""A citizen follows his dossier: whose turn it is, what is asked of him, taking it back."""

from datetime import timedelta

import pytest

from portal import clock
from portal.access import Role
from portal.db import transaction
from portal.directory.models import Organisation
from portal.dossiers import services
from portal.dossiers.lifecycle import Status
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.factories.country import Country, file, picture, send_extract, start_online
from tests.factories.world import World
from tests.rig.reader import Reader

ITEMS = [
    {"component": None, "text": "Ảnh chụp mặt sau thẻ căn cước"},
    {"component": None, "text": "Ghi rõ nơi đăng ký"},
]


@pytest.fixture
def citizen(country: Country) -> Reader:
    return country.citizen()


def ask(country: Country, dossier: Dossier) -> None:
    """The one-stop officer asks for two things."""
    with country.app.test_request_context():
        unit = db.session.query(Organisation).filter_by(code="H32.10").one()
        world = World(unit.id, 0, 0, 0, 0, 0, 0)
        officer = world.actor(Role.ONESTOP_OFFICER)
        with transaction() as session:
            row = session.get_one(Dossier, dossier.id)
            services.ask_supplement(row, ITEMS, "Ảnh mờ", by=officer, at=clock.now())


def test_the_list_says_whose_turn_it_is(country: Country, citizen: Reader) -> None:
    assert "Chưa có hồ sơ nào" in citizen.open("/cua-toi").page
    dossier = send_extract(country, citizen)
    start_online(citizen, "1.001193")
    page = citizen.open("/cua-toi").page
    assert "Đến lượt bộ phận một cửa" in page
    assert "Bản nháp, chưa gửi" in page
    assert page.index("Bản nháp, chưa gửi") < page.index(dossier.code or "?")
    assert dossier.code not in country.citizen("Người Lạ").open("/cua-toi").page


def test_the_list_goes_on_page_by_page(country: Country, citizen: Reader) -> None:
    send_extract(country, citizen)
    with country.app.test_request_context(), transaction() as session:
        first = session.query(Dossier).one()
        for _ in range(24):
            session.add(
                Dossier(
                    procedure_version_id=first.procedure_version_id,
                    channel=first.channel,
                    applicant_id=first.applicant_id,
                    created_at=clock.now(),
                )
            )
    page = citizen.open("/cua-toi").page
    assert page.count("mc-result__name") == 20
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert citizen.open(older).page.count("mc-result__name") == 5


def test_the_dossier_tells_its_history_and_its_next_step(country: Country, citizen: Reader) -> None:
    dossier = send_extract(country, citizen)
    page = citizen.open(f"/cua-toi/ho-so/{dossier.public_id}").page
    assert "Hồ sơ được gửi trực tuyến tới" in page
    assert "Có ngày hẹn khi cơ quan tiếp nhận hồ sơ." in page
    assert "the.jpg" in page
    assert "056185000123" not in page
    assert country.citizen("Người Lạ").open(citizen.url).status == 404


def test_a_draft_opens_where_it_is_continued(country: Country, citizen: Reader) -> None:
    draft = start_online(citizen)
    public_id = draft.rsplit("/", 1)[1]
    assert citizen.open(f"/cua-toi/ho-so/{public_id}").url == draft


def test_a_supplement_is_one_list_and_one_answer(country: Country, citizen: Reader) -> None:
    dossier = send_extract(country, citizen)
    ask(country, dossier)
    home = f"/cua-toi/ho-so/{dossier.public_id}"
    assert "Đến lượt Ông/Bà" in citizen.open(home).page
    citizen.open(f"{home}/bo-sung")
    assert all(str(item["text"]) in citizen.page for item in ITEMS)
    citizen.send("files-0", action="send", **{"files-0": [file(picture(), "sau.jpg")]})
    assert citizen.status == 422
    assert "Thêm tệp hoặc ghi câu trả lời" in citizen.page
    assert "sau.jpg" in citizen.page
    citizen.send("files-0", action="send", **{"words-1": "Đăng ký tại Nha Trang"})
    assert citizen.url == home
    assert "Trả lời mục “Ghi rõ nơi đăng ký”: Đăng ký tại Nha Trang" in citizen.page
    assert country.dossiers()[0].status is Status.REGISTERED


def test_a_bad_file_keeps_words_and_good_files_of_a_supplement(
    country: Country, citizen: Reader
) -> None:
    dossier = send_extract(country, citizen)
    ask(country, dossier)
    citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/bo-sung")
    sent = {
        "files-0": [file(picture(), "tốt.jpg"), file(b"", "rỗng.pdf")],
        "words-1": "Đăng ký tại Nha Trang",
    }
    citizen.send("files-0", action="send", **sent)
    assert citizen.status == 422
    assert "không có dữ liệu" in citizen.page
    assert "tốt.jpg" in citizen.page
    assert citizen.form("words-1").values["words-1"] == ["Đăng ký tại Nha Trang"]
    assert country.dossiers()[0].status is Status.SUPPLEMENT_REQUIRED


def test_words_of_a_supplement_kept_for_later_are_there_later(
    country: Country, citizen: Reader
) -> None:
    dossier = send_extract(country, citizen)
    ask(country, dossier)
    address = f"/cua-toi/ho-so/{dossier.public_id}/bo-sung"
    citizen.open(address)
    citizen.send("files-0", action="keep", **{"words-1": "Đăng ký tại Nha Trang"})
    assert citizen.status == 200
    kept = citizen.open(address).form("words-1").values["words-1"]
    assert kept == ["Đăng ký tại Nha Trang"]
    assert country.dossiers()[0].status is Status.SUPPLEMENT_REQUIRED


def test_a_supplement_on_an_old_picture_keeps_files_and_words_and_says_what_changed(
    country: Country, citizen: Reader
) -> None:
    dossier = send_extract(country, citizen)
    ask(country, dossier)
    citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/bo-sung")
    with country.app.test_request_context(), transaction() as session:
        row = session.get_one(Dossier, dossier.id)
        later = clock.now() + timedelta(minutes=1)
        services.note(row, "claim", "Hồ sơ được nhận tại bưu cục.", by=None, at=later)
    sent = {"files-0": [file(picture(), "sau.jpg")], "words-1": "Đăng ký tại Nha Trang"}
    citizen.send("files-0", action="send", **sent)
    assert citizen.status == 409
    assert "Hồ sơ được nhận tại bưu cục." in citizen.page
    assert "sau.jpg" in citizen.page
    assert country.dossiers()[0].status is Status.SUPPLEMENT_REQUIRED
    citizen.send("files-0", action="send")
    assert country.dossiers()[0].status is Status.REGISTERED


def test_nothing_is_supplemented_unasked(country: Country, citizen: Reader) -> None:
    dossier = send_extract(country, citizen)
    assert citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/bo-sung").status == 409


def test_a_dossier_is_taken_back_with_a_reason(country: Country, citizen: Reader) -> None:
    dossier = send_extract(country, citizen)
    citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/rut").send("reason", reason="")
    assert citizen.status == 422
    assert "Ghi lý do rút hồ sơ." in citizen.page
    citizen.send("reason", reason="Không cần nữa")
    assert country.dossiers()[0].status is Status.WITHDRAWN
    assert "Hồ sơ đã được rút" in citizen.page
    assert "Không cần nữa" in citizen.page
    assert citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/rut").status == 409


def test_taking_back_an_old_picture_of_the_dossier_is_a_conflict(
    country: Country, citizen: Reader
) -> None:
    dossier = send_extract(country, citizen)
    citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/rut")
    ask(country, dossier)
    citizen.send("reason", reason="Không cần nữa")
    assert citizen.status == 409
    assert "Cơ quan yêu cầu bổ sung 2 nội dung" in citizen.page
    assert citizen.form("reason").values["reason"] == ["Không cần nữa"]
    citizen.send("reason")
    assert country.dossiers()[0].status is Status.WITHDRAWN


def test_spaces_are_no_reason_to_take_a_dossier_back(country: Country, citizen: Reader) -> None:
    dossier = send_extract(country, citizen)
    citizen.open(f"/cua-toi/ho-so/{dossier.public_id}/rut").send("reason", reason="  \n ")
    assert citizen.status == 422
    assert "Ghi lý do rút hồ sơ." in citizen.page


def test_papers_of_the_dossier_are_linked(country: Country, citizen: Reader) -> None:
    dossier = send_extract(country, citizen)
    ask(country, dossier)
    page = citizen.open(f"/cua-toi/ho-so/{dossier.public_id}").page
    assert f"/cua-toi/ho-so/{dossier.public_id}/giay-xac-nhan.pdf" in page
    assert f"/cua-toi/ho-so/{dossier.public_id}/mau-02-1.pdf" in page

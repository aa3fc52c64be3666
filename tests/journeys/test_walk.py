"""The main job, end to end: a paper dossier becomes a digitised file in an officer's hands.

Clicked through in real browsers against the processes that script/server starts, with the
demo's people, on pages drawn here; the clock is set from outside the processes. It is walked
twice: over a week with a holiday, and from today (or WALK_FROM=2027-02-04), whatever day that is.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.journeys import papers, weeks
from tests.journeys.people import PASSWORD, Person
from tests.journeys.weeks import HOLIDAY, Week
from tests.rig.processes import PortalProcess
from tests.rig.waiting import until

ROOT = Path(__file__).resolve().parents[2]
READ_WITHIN = 240_000  # milliseconds; the demo's own pages are read before and beside ours
NHA_TRANG = {"province": "56", "commune": "22366"}
CODE = re.compile(r"H32\.10-\d{6}-\d{4}")

pytestmark = pytest.mark.journey

Enters = Callable[..., Person]

# One portal for both: its clock only goes forward. The browsers of one of them run no scripts.
WALKS = sorted([(HOLIDAY, False), (weeks.other(), True)], key=lambda walk: walk[0].starts)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("walk"), at=WALKS[0][0].start) as process:
        yield process


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """The kinds of pages that axe-core has looked at."""
    return set()


@pytest.fixture(
    params=WALKS,
    ids=[f"{week.starts} {'with' if has else 'without'} scripts" for week, has in WALKS],
)
def walk(request: pytest.FixtureRequest) -> tuple[Week, bool]:
    """When this walk takes place, and whether its browsers run scripts."""
    week, scripts = request.param
    return week, scripts


@pytest.fixture
def week(walk: tuple[Week, bool]) -> Week:
    """The days of this walk."""
    return walk[0]


@pytest.fixture
def enters(
    visitors: Callable[..., BrowserContext],
    portal: PortalProcess,
    seen: set[str],
    walk: tuple[Week, bool],
) -> Enters:
    """enters("buudien") is a person at his own browser, signed in."""
    week, scripts = walk
    portal.clock.set(week.start)

    def person(name: str = "") -> Person:
        context = visitors(java_script_enabled=scripts)
        someone = Person(context, portal.url, seen, scripts=scripts)
        if name:
            someone.signs_in(name)
        return someone

    return person


def sample(code: str) -> dict[str, str]:
    """The filled sample that ships with a form."""
    form = json.loads((ROOT / "data" / "forms" / f"{code}.json").read_text(encoding="utf-8"))
    given: dict[str, str] = form["sample"]
    return given


def lives_in_nha_trang(person: Person, field: str) -> None:
    """Province, then commune; without scripts a button lies between them."""
    province = person.main.locator(f"select[name^='{field}']:not([name='{field}'])")
    if not province.count() or not province.first.is_visible():
        return
    commune = person.main.locator(f"select[name='{field}']")
    if province.first.input_value() != NHA_TRANG["province"]:
        province.first.select_option(NHA_TRANG["province"])
        if not person.scripts:
            asked = person.main.locator(f"fieldset:has(select[name='{field}'])")
            with person.page.expect_navigation():
                asked.get_by_role("button", name="Hiện danh sách xã, phường").last.click()
    expect(commune.locator(f"option[value='{NHA_TRANG['commune']}']")).to_have_count(1)
    commune.select_option(NHA_TRANG["commune"])


def fills_pages(person: Person, answers: dict[str, str]) -> None:
    """Fill page after page for as long as there is one to save; the first may still be coming."""
    person.offered("Lưu và tiếp tục").first.wait_for()
    for _ in range(12):
        if not person.offered("Lưu và tiếp tục").count():
            return
        before = person.page.url
        person.fills(answers)
        lives_in_nha_trang(person, "requester_commune")
        lives_in_nha_trang(person, "return_commune")
        takes_first_visit(person)
        with person.page.expect_navigation():
            person.presses("Lưu và tiếp tục")
        wrong = person.main.locator(".govuk-error-message")
        assert person.page.url != before or not wrong.count(), wrong.all_inner_texts()


def takes_first_visit(person: Person) -> None:
    """The first slot the courier offers."""
    if "/khai/slot" in person.page.url:
        person.main.get_by_role("radio").first.check()


def code_on(person: Person) -> str:
    found = CODE.search(person.main.inner_text())
    assert found, "no dossier code on the page"
    return found[0]


def test_terminal_names_address_and_demo_accounts(portal: PortalProcess) -> None:
    said = portal.log.read_text(encoding="utf-8")
    assert [w for w in (portal.url, "congdan@demo.test", PASSWORD) if w not in said] == []


def test_a_citizen_finds_a_procedure_and_files_it_online(enters: Enters, tmp_path: Path) -> None:
    citizen = enters("congdan")
    citizen.opens("/thu-tuc")
    citizen.page.get_by_role("searchbox").first.fill("trich luc")
    citizen.page.get_by_role("searchbox").first.press("Enter")
    citizen.main.get_by_role("link", name=re.compile("Cấp bản sao trích lục hộ tịch")).first.click()
    for said in ("8.000 đ", "Giấy tờ cần có", "Chọn một trong ba cách nộp"):
        citizen.sees(re.compile(said))
    for way in ("Gửi trực tuyến", "Hẹn bưu tá đến nhà", "Xem bưu cục"):
        assert citizen.offered(way).count(), way
    citizen.presses("Gửi trực tuyến")
    citizen.main.get_by_role("button", name=re.compile("Bắt đầu|Điền tiếp")).first.click()
    citizen.main.locator("[id^='muc-'] a, a[id^='muc-'], a[href*='/khai/']").first.click()
    fills_pages(citizen, sample("2.000635") | {"return_mode": "online"})
    photo, paper = papers.phone_photo(tmp_path), tmp_path / "giay-uy-quyen.pdf"
    hands_in(citizen, photo, papers.as_pdf(papers.declaration(3), paper))
    citizen.presses("Kiểm tra và gửi")
    citizen.sees("Trần Văn Con")
    citizen.presses("Gửi hồ sơ")
    citizen.sees("Khoá tra cứu")
    code = code_on(citizen)
    assert citizen.main.locator("img[alt*='QR']").count()
    assert code in papers.words(citizen.downloads("Tải giấy xác nhận đã gửi (PDF)"))
    citizen.page.reload()
    assert code_on(citizen) == code


def test_a_paper_dossier_travels_from_door_to_door(
    enters: Enters, portal: PortalProcess, week: Week, tmp_path: Path
) -> None:
    request, code, key = asks_for_a_courier(enters("congdan2"))
    tallies_and_seals(enters("buudien"), request, tmp_path)
    proposes_handover(enters("buudien"), code)
    officer = enters("motcua")
    counts_and_signs(officer, code)
    accepts_and_forwards(officer, code, week)
    portal.clock.set(week.decided)
    decides(enters("canbo"), code, tmp_path)
    portal.clock.set(week.delivered)
    brings_the_result_home(enters("buudien"), code)
    sees_the_whole_road(enters("congdan2"), code, week)
    anyone_sees_the_status(enters(), code, key)


def asks_for_a_courier(citizen: Person) -> tuple[str, str, str]:
    """Pick-up at home, the result by post; gives request code, dossier code, look-up key."""
    citizen.opens("/thu-tuc/1.004873")
    citizen.presses("Hẹn bưu tá đến nhà")
    citizen.main.get_by_role("button", name=re.compile("Bắt đầu|Điền tiếp")).first.click()
    answers = {
        "requester_name": "Trần Thị Thử",
        "requester_phone": "0900 000 456",
        "requester_email": "thu@vidu.test",
        "requester_address": "Số 2, đường Mẫu",
        "return_mode": "post",
        "return_address": "Số 2, đường Mẫu",
    }
    fills_pages(citizen, answers)
    citizen.sees(re.compile("26.000 đ"))
    citizen.presses("Gửi yêu cầu")
    citizen.sees("Mã yêu cầu thu gom")
    request, key = citizen.main.locator(".mc-panel__code").all_inner_texts()
    return request, code_on(citizen), key


def tallies_and_seals(clerk: Person, request: str, folder: Path) -> None:
    """The clerk types one code, counts, scans, is stopped by a wrong count, and seals."""
    code_field = clerk.page.get_by_label("Quét hoặc nhập mã")
    expect(code_field).to_be_focused()
    code_field.fill("YC-KHONG-CO")
    code_field.press("Enter")
    expect(clerk.page.get_by_label("Quét hoặc nhập mã")).to_have_value("YC-KHONG-CO")
    clerk.page.get_by_label("Quét hoặc nhập mã").fill(request)
    clerk.page.get_by_label("Quét hoặc nhập mã").press("Enter")
    clerk.sees("Kiểm đếm giấy tờ")
    scans_two_pages(clerk, folder)
    is_stopped_by_a_wrong_count_and_seals(clerk)


def scans_two_pages(clerk: Person, folder: Path) -> None:
    """Three pages are declared, two are scanned, one of them upside down; both are read."""
    first = clerk.main.locator(".mc-tally__paper").first
    first.get_by_label("Có", exact=True).check()
    first.locator("input[name$='pages']").fill("3")
    if not clerk.scripts:
        clerk.presses("Lưu kiểm đếm")
        clerk.sees("Đã lưu kiểm đếm.")
    scans = (
        papers.scan(folder, "quet-1.jpg"),
        papers.scan(folder, "quet-2.jpg", papers.WORD, turn=180),
    )
    first.locator("input[type=file]").set_input_files([str(scan) for scan in scans])
    first.get_by_role("button", name="Tải lên").click()
    expect(first.get_by_role("button", name="Bỏ tệp này, quét lại")).to_have_count(2)
    if clerk.scripts:
        expect(first.locator("img[src*='/giay-to/']")).to_have_count(2, timeout=READ_WITHIN)
        expect(first.get_by_text("Đang đọc")).to_have_count(0, timeout=READ_WITHIN)
    else:
        until(lambda: is_read_after_reload(clerk), "both scans are read", within=240, every=2)


def is_stopped_by_a_wrong_count_and_seals(clerk: Person) -> None:
    """Both numbers are said; with the right one the envelope is sealed and its slip printed."""
    card = clerk.main.locator(".mc-tally__paper").filter(has_text="Thẻ căn cước")
    card.get_by_label("Có", exact=True).check()
    clerk.main.get_by_label("Số niêm phong").fill("NP-2611-01")
    clerk.presses("Lưu và niêm phong")
    clerk.sees(re.compile("khai 3 trang.*quét 2 trang|3.*2 trang"))
    clerk.main.locator(".mc-tally__paper").first.locator("input[name$='pages']").fill("2")
    clerk.main.get_by_label("Số niêm phong").fill("NP-2611-01")
    clerk.presses("Lưu và niêm phong")
    clerk.sees("Đã niêm phong")
    slip = papers.words(clerk.downloads("In phiếu gửi"))
    assert "NP-2611-01" in slip
    assert "PHIẾU GỬI HỒ SƠ" in slip.upper()


def is_read_after_reload(clerk: Person) -> bool:
    """What somebody without scripts does: look again."""
    clerk.page.reload()
    first = clerk.main.locator(".mc-tally__paper").first
    waiting = first.get_by_text(re.compile("Đang đọc|Chờ đọc|Đã nhận, chờ")).count()
    return not waiting and first.locator("img[src*='/giay-to/']").count() == 2


def proposes_handover(clerk: Person, code: str) -> None:
    """The envelope goes on a list for the service centre."""
    clerk.opens("/buu-dien/ban-giao")
    centre = clerk.main.get_by_role("link", name=re.compile("phường Nha Trang"))
    if centre.count():
        centre.first.click()
    row = clerk.main.get_by_role("row").filter(has_text=code)
    row.get_by_role("checkbox").check()
    clerk.presses("Lập bảng kê bàn giao")


def counts_and_signs(officer: Person, code: str) -> None:
    """The one-stop officer counts again and signs; the legal clock starts here."""
    officer.opens("/can-bo/ban-giao")
    for number in range(officer.main.get_by_role("link", name=re.compile("Bưu cục")).count()):
        officer.opens("/can-bo/ban-giao")
        officer.main.get_by_role("link", name=re.compile("Bưu cục")).nth(number).click()
        if code in officer.main.inner_text():
            break
    for section in officer.main.locator(".mc-count").all():
        said = section.get_by_text(re.compile("Bưu điện ghi")).inner_text()
        boxes = section.locator("input[inputmode=numeric]").all()
        for box, number in zip(boxes, re.findall(r"\d+", said), strict=True):
            box.fill(number)
        section.get_by_label("Nhận", exact=True).check()
    officer.presses("Ký nhận bàn giao")
    record = papers.words(officer.downloads("In biên bản giao nhận"))
    assert code in record


def accepts_and_forwards(officer: Person, code: str, week: Week) -> None:
    """Form 01 with the due date; the clock says how it was reckoned."""
    finds(officer, code)
    officer.presses("Tiếp nhận")
    officer.sees(re.compile(f"3 ngày làm việc từ .*{week.start:%d/%m/%Y}"))
    reckoned = officer.main.locator(".mc-clock").inner_text()
    for told in week.said():
        assert told in reckoned, f"{told!r} is not in {reckoned!r}"
    officer.presses("Tiếp nhận và lập giấy hẹn")
    officer.sees("Được tiếp nhận")
    receipt = papers.words(officer.downloads("Mẫu 01: Giấy tiếp nhận hồ sơ và hẹn trả kết quả"))
    assert f"{week.due:%d/%m/%Y}" in receipt
    officer.presses("Chuyển xử lý")
    officer.main.get_by_label(re.compile("Phòng Văn hóa")).check()
    officer.presses("Chuyển xử lý")
    officer.sees("Đang xử lý")


def finds(officer: Person, typed: str) -> None:
    """Search, and open the dossier found."""
    officer.opens("/can-bo/tim")
    officer.page.get_by_role("searchbox").first.fill(typed)
    officer.page.get_by_role("searchbox").first.press("Enter")
    officer.main.get_by_role("link", name=typed).first.click()


def decides(officer: Person, code: str, folder: Path) -> None:
    """A word that stands only on a scanned page, typed without diacritics, opens the page."""
    officer.opens("/can-bo/tim")
    officer.page.get_by_role("searchbox").first.fill(papers.TYPED)
    officer.page.get_by_role("searchbox").first.press("Enter")
    officer.sees("Trang giấy tờ có chữ cần tìm")
    hits = officer.main.locator(".mc-hit").filter(has_text=code)
    expect(hits).to_have_count(1)
    hits.first.get_by_role("link").first.click()
    officer.sees(re.compile("Đã đánh dấu"))
    assert officer.main.locator("#dossiers-viewer svg").count()
    officer.presses("Nhận xử lý")
    officer.presses("Giải quyết xong")
    officer.main.get_by_label("Giải quyết theo yêu cầu", exact=True).check()
    officer.main.get_by_label(re.compile("Tóm tắt kết quả")).fill("Đủ điều kiện xác nhận")
    officer.main.get_by_label(re.compile("Số, ký hiệu")).fill("12/XNHN")
    outcome = papers.as_pdf(papers.outcome(), folder / "ket-qua.pdf")
    officer.main.locator("input[type=file]").set_input_files(str(outcome))
    officer.presses("Ghi nhận kết quả")
    officer.sees("Đã xử lý xong")


def brings_the_result_home(clerk: Person, code: str) -> None:
    """The post collects the result at the agency and delivers it to the right person."""
    clerk.opens("/buu-dien?xem=ket-qua")
    clerk.main.get_by_role("link", name=code).first.click()
    clerk.main.get_by_label(re.compile("Người của cơ quan")).fill("Lê Thị Thanh Hà")
    clerk.presses("Xác nhận đã nhận kết quả")
    clerk.presses("Phát tại quầy")
    clerk.main.get_by_label(re.compile("Chính chủ|chính chủ|Người nộp")).first.check()
    clerk.main.get_by_label("Họ và tên người nhận").fill("Trần Thị Thử")
    clerk.main.get_by_label(re.compile("Đã kiểm tra căn cước")).check()
    clerk.presses("Đã phát, người nhận đã ký")
    clerk.sees("Đã phát")


def sees_the_whole_road(citizen: Person, code: str, week: Week) -> None:
    """One timeline, with place and time, from door to door."""
    citizen.opens("/cua-toi")
    citizen.main.get_by_role("link", name=re.compile(code)).first.click()
    citizen.sees("Đã trả kết quả")
    told = citizen.main.inner_text()
    road = (
        "Hẹn bưu tá",
        "niêm phong",
        "ký biên bản giao nhận",
        "tiếp nhận",
        "chuyển tới",
        "Đã phát cho",
    )
    for step in road:
        assert step in told, step
    assert "Bưu cục Nha Trang" in told
    assert f"{week.decided:%d/%m/%Y}" in told


def anyone_sees_the_status(visitor: Person, code: str, key: str) -> None:
    """Code and key together; the status and no personal data. One of them wrong: nothing."""
    for wrong in ("AAAAAA", key):
        visitor.opens("/tra-cuu")
        visitor.main.get_by_label("Mã hồ sơ").fill(code.lower())
        visitor.main.get_by_label(re.compile("Khoá tra cứu|Khóa tra cứu")).fill(wrong)
        visitor.presses("Xem hồ sơ")
        if wrong != key:
            visitor.sees(re.compile("[Kk]hông tìm thấy|chưa đúng"))
    visitor.sees("Đã trả kết quả")
    told = visitor.main.inner_text()
    assert "Trần Thị Thử" not in told
    assert "0900" not in told


def hands_in(citizen: Person, *files: Path) -> None:
    """Upload everything to the first paper that asks for files."""
    citizen.main.locator("a[href*='/giay-to/'], a[href*='/giay/']").first.click()
    citizen.main.locator("input[type=file]").set_input_files([str(file) for file in files])
    citizen.presses("Tải tệp lên")
    for file in files:
        citizen.sees(file.name)
    citizen.presses("Xong, tiếp tục")

"""What anyone reads: finding a procedure, its three ways, prices; nothing unsure reads as law."""

import pytest

from portal.access import Role
from tests.factories.country import Country, start_online
from tests.rig.queries import max_queries
from tests.rig.sign_in import SignIn

NAME = "Cấp bản sao trích lục hộ tịch"


def test_a_procedure_is_found_without_diacritics(country: Country) -> None:
    visitor = country.visitor().open("/").send("q", q="trich luc")
    assert visitor.url.startswith("/thu-tuc?")
    assert NAME in visitor.page
    assert "Đăng ký kết hôn" not in visitor.page


def test_the_live_search_gives_the_same_list_as_the_page(country: Country) -> None:
    client = country.visitor().client
    page = client.get("/thu-tuc?q=trich+luc").text
    fragment = client.get("/thu-tuc?q=trich+luc", headers={"HX-Request": "true"}).text
    assert fragment.strip() in page
    assert fragment.strip().startswith("<section")


def test_the_catalogue_is_narrowed_by_sector_and_level(country: Country) -> None:
    visitor = country.visitor().open("/thu-tuc?linh-vuc=Đất đai")
    assert "Cấp đổi Giấy chứng nhận" in visitor.page
    assert NAME not in visitor.page
    assert "28 thủ tục." in visitor.open("/thu-tuc").page
    assert "Đăng ký thường trú" in visitor.open("/thu-tuc?cap=Công an cấp xã").page


def test_a_search_without_result_says_what_to_do(country: Country) -> None:
    page = country.visitor().open("/thu-tuc?q=zzzz").page
    assert "Chưa thấy thủ tục nào" in page
    assert "/buu-cuc" in page


def test_the_three_ways_stand_side_by_side_with_price_and_time(country: Country) -> None:
    page = country.visitor().open("/thu-tuc/1.004873").page
    for title in ("Gửi trực tuyến", "Bưu tá đến nhà lấy giấy tờ", "Mang tới bưu cục"):
        assert title in page
    assert "26.000\u00a0đ – 30.000\u00a0đ" in page
    assert "Cả đi và về tối đa 7 ngày làm việc." in page


@pytest.mark.parametrize(("role", "links"), [(None, 2), (Role.CITIZEN, 2), (Role.ADMIN, 0)])
def test_only_who_may_file_is_offered_to(
    country: Country, sign_in: SignIn, role: Role | None, links: int
) -> None:
    client = sign_in(role) if role else country.visitor().client
    page = client.get("/thu-tuc/1.004873").text
    doors = ("/cua-toi/nop/1.004873", "/cua-toi/hen-buu-ta/1.004873")
    assert sum(f'href="{door}"' in page for door in doors) == links
    assert "Mang tới bưu cục" in page


def test_a_closed_way_says_why(country: Country) -> None:
    page = country.visitor().open("/thu-tuc/1.000894").page
    assert page.count("Không nhận theo cách này.") == 2
    assert "Hai bên nam, nữ phải cùng có mặt khi ký" in page


def test_an_unsure_time_or_fee_is_never_shown_as_law(country: Country) -> None:
    page = country.visitor().open("/thu-tuc/1.013227").page
    assert "Thời hạn giải quyết: chưa xác minh." in page
    assert "cơ quan giải quyết: chưa xác minh" in page
    assert "Cả đi và về tối đa" not in page


def test_the_fee_stands_in_full_with_its_source(country: Country) -> None:
    page = country.visitor().open("/thu-tuc/2.000635").page
    assert "8.000 đ mỗi bản sao" in page
    assert "Thông tư số 281/2016/TT-BTC" in page


def test_a_paper_without_an_official_form_says_so(country: Country) -> None:
    assert "Chưa có mẫu chính thức" in country.visitor().open("/thu-tuc/1.001193").page


def test_an_unknown_procedure_is_not_found(country: Country) -> None:
    assert country.visitor().open("/thu-tuc/9.999999").status == 404


def test_a_draft_is_offered_again_on_the_page_of_its_procedure(country: Country) -> None:
    citizen = country.citizen()
    draft = start_online(citizen)
    assert draft in citizen.open("/thu-tuc/2.000635").page
    assert draft not in country.citizen("Người Khác").open("/thu-tuc/2.000635").page


def test_post_offices_prices_and_times_come_from_the_data(country: Country) -> None:
    page = country.visitor().open("/buu-cuc").page
    assert "Bưu cục Nha Trang" in page
    assert "8.000 đ" in page
    assert "chưa niêm yết" in page
    assert "J + 2" in page


@pytest.mark.parametrize(
    "address", ["/", "/thu-tuc", "/thu-tuc?q=trich", "/thu-tuc/1.004873", "/buu-cuc"]
)
def test_a_public_page_asks_the_database_little(country: Country, address: str) -> None:
    with max_queries(12):
        country.visitor().open(address)


def test_communes_of_a_province_come_as_a_fragment(country: Country) -> None:
    page = country.visitor().open("/xa-phuong?ten=requester_commune&requester_commune_province=56")
    assert "Phường Nha Trang" in page.page
    assert "Ba Đình" not in page.page
    assert country.visitor().open("/xa-phuong?ten=<b>").status == 404

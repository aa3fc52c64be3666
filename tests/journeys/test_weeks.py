"""The days of the walk are what everybody would count on a printed calendar."""

from datetime import date

from tests.journeys.weeks import HOLIDAY, Week


def test_the_holiday_week_is_reckoned_as_everybody_would() -> None:
    assert HOLIDAY.due == date(2026, 11, 26)
    assert "Ngày Văn hóa Việt Nam" in HOLIDAY.said()
    assert f"{HOLIDAY.decided:%d/%m} {HOLIDAY.delivered:%d/%m}" == "23/11 25/11"


def test_a_walk_may_begin_on_a_day_off_before_tet_or_beyond_the_calendar() -> None:
    assert Week(date(2026, 12, 5)).due == date(2026, 12, 9)
    assert "bắt đầu từ giờ làm việc kế tiếp 07:30 07/12/2026" in Week(date(2026, 12, 5)).said()
    assert Week(date(2027, 2, 3)).due == date(2027, 2, 15)
    beyond = Week(date(2028, 2, 29))
    assert beyond.due == date(2028, 3, 3)
    assert "lịch nghỉ chưa được nạp đến ngày này, hạn là tạm tính" in beyond.said()

"""How long things are kept is data with sources; what nobody verified is not told as law."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from portal import clock, retention
from portal.retention import What


def test_each_time_has_a_row_with_its_source() -> None:
    for what in What:
        found = retention.rule(what, clock.today())
        assert found.kept > timedelta()
        assert found.source
    assert retention.kept(What.DRAFT, clock.today()) == timedelta(days=30)


def test_of_versions_that_holds_which_had_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = json.loads(retention.TABLE.read_text(encoding="utf-8"))
    later = json.loads(json.dumps(table["versions"][0])) | {"valid_from": "2027-03-01"}
    later["rules"][0]["days"] = 60
    duty = {"text": "Điều nghe nói", "ground": "Luật nào đó", "sureness": "unsure"}
    later["duties"] = [duty, duty | {"sureness": "sure"}]
    path = tmp_path / "retention.json"
    path.write_text(json.dumps({"versions": [later, *table["versions"]]}), encoding="utf-8")
    monkeypatch.setattr(retention, "TABLE", path)
    retention._versions.cache_clear()
    try:
        days = [retention.kept(What.DRAFT, date(2027, 3, day)).days for day in (1, 2)]
        assert [retention.kept(What.DRAFT, date(2027, 2, 28)).days, *days] == [30, 60, 60]
        assert retention.kept(What.DRAFT, date(2020, 1, 1)).days == 30
        grounds = [one.ground for one in retention.duties(date(2027, 3, 1))]
        assert grounds == ["", "Luật nào đó"]
        later["rules"] = later["rules"][1:]
        path.write_text(json.dumps({"versions": [later]}), encoding="utf-8")
        retention._versions.cache_clear()
        with pytest.raises(ValueError, match="wrong or missing rows"):
            retention.kept(What.DRAFT, date(2027, 3, 1))
    finally:
        retention._versions.cache_clear()

"""Awkward files from the test suites of other projects: each gets the verdict it deserves."""

import csv

import pytest

from scanning.intake import inspect_bytes
from scanning.settings import Limits

VERDICTS = {
    "accept": {"accepted"},
    "accept_or_warn": {"accepted"},
    "accept_or_refuse": {"accepted", "refused"},
    "barcode": {"accepted"},
    "pdfa_pass": {"accepted"},
    "pdfa_fail": {"accepted"},
    "refuse": {"refused"},
    "refuse_or_password": {"refused"},
    "refuse_or_limit": {"refused"},
    "refuse_or_warn": {"refused"},
}


def test_every_sample_gets_its_verdict(samples):
    with (samples / "digitise" / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 30
    for row in rows:
        data = (samples / "digitise" / row["file"]).read_bytes()
        intake = inspect_bytes(data, row["file"], Limits())
        assert intake.verdict in VERDICTS[row["expected_verdict"]], row["file"]
        if intake.is_accepted and row["pages_measured"].isdigit():
            assert intake.pages == int(row["pages_measured"]), row["file"]


@pytest.mark.tools
def test_codes_and_turned_pages_of_others_are_read(scanner, samples):
    result = scanner.scan((samples / "digitise" / "qr_four_on_a_page.png").read_bytes(), "qr.png")
    assert len({code.text for code in result.pages[0].codes}) == 4
    result = scanner.scan((samples / "digitise" / "rot_left.png").read_bytes(), "rot.png")
    assert "The quick brown dog jumped over the" in result.pages[0].text


@pytest.mark.tools
def test_a_scanned_and_signed_letter_is_read_page_by_page(scanner, samples):
    data = (samples / "digitise_vi" / "qn_2025_47_quyetdinh_2p.pdf").read_bytes()
    result = scanner.scan(data, "quyetdinh.pdf")
    assert "signed" in result.warnings
    assert [page.text_source for page in result.pages] == ["ocr"] * 2
    assert "hỗ trợ quà Tết" in result.pages[0].text

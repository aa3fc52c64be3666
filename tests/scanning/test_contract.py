"""What travels between portal and scanning machine."""

import dataclasses

import pytest

from scanning.codec import ShapeError
from scanning.contract import (
    Code,
    Document,
    Engine,
    Field,
    Intake,
    PageResult,
    ScanJob,
    ScanProgress,
    ScanResult,
    Signature,
    StoredObject,
)
from scanning.settings import Limits

OBJECT = StoredObject("ab/cd/abcd", "0" * 64, 12, "image/webp")
PAGE = PageResult(
    number=1,
    width_px=1654,
    height_px=2339,
    dpi=200,
    dpi_source="file",
    rotated_by=90,
    rotation_sure=True,
    skew_degrees=1.0,
    blank=False,
    confidence=0.93,
    problems=("blurred",),
    codes=(Code("QRCode", "Đường"),),
    text_source="ocr",
    text="Nguyễn",
    image=OBJECT,
    thumb=OBJECT,
    words=OBJECT,
)
FIELD = Field("full_name", "Nguyễn Thị Mẫu", 1, (0.1, 0.2, 0.3, 0.4), 0.9, needs_review=False)
MESSAGES = [
    ScanJob("j", "l", "k", "s", "đơn.pdf", "vie+eng", Limits(pages=3), split=True),
    ScanProgress("j", "l", 1, 2, PAGE),
    ScanProgress("j", "l", 0, 2),
    ScanResult(
        job_id="j",
        lease="l",
        verdict="accepted",
        reason=None,
        warnings=("signed",),
        signatures=(Signature("Ủy ban", covers_whole_file=True, intact=True, trusted=False),),
        engine=Engine("tesseract", "5.3.0", "vie"),
        pages=(PAGE,),
        documents=(Document((1,), "don_de_nghi", "ĐƠN ĐỀ NGHỊ", "title", (FIELD,)),),
        archive=OBJECT,
        searchable=OBJECT,
        seconds=2.5,
    ),
    ScanResult("j", "l", "refused", "encrypted"),
    Intake("refused", "empty", 0, "unknown", "application/octet-stream"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_from_json_as_it_was(message):
    assert type(message).from_json(message.to_json()) == message


def test_json_keeps_vietnamese_readable():
    assert "Nguyễn Thị Mẫu" in MESSAGES[3].to_json()


def test_nothing_in_a_message_can_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PAGE.text = "other"


def test_a_newer_sender_may_say_more():
    text = ScanProgress("j", "l", 0, 2).to_json()
    assert ScanProgress.from_json(text[:-1] + ',"mood":"good"}') == ScanProgress("j", "l", 0, 2)


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"job_id":"j","lease":"l","done":"0","total":2}',
        '{"job_id":"j","lease":"l","done":true,"total":2}',
        '{"job_id":"j","lease":"l","total":2}',
        '{"job_id":"j","lease":"l","done":0,"total":2,"version":99}',
    ],
    ids=["no json", "list", "text for number", "truth for number", "missing", "other version"],
)
def test_json_of_another_shape_is_refused(text):
    with pytest.raises(ShapeError):
        ScanProgress.from_json(text)


def test_a_box_has_four_sides():
    text = MESSAGES[3].to_json().replace("[0.1,0.2,0.3,0.4]", "[0.1,0.2]")
    with pytest.raises(ShapeError):
        ScanResult.from_json(text)

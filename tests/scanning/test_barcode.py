"""QR and bar codes on pages."""

import io

import numpy as np
import pytest
import segno
from PIL import Image

from scanning.barcode import codes_of
from scanning.image.light import grey_of
from scanning.image.resize import to_dpi
from tests.drawing.pages import Sheet

CARD = "082185012345|310123456|Nguyễn Thị Mẫu|02091985|Nữ|Ấp 3, Xã Mỹ An, Đồng Tháp|15042021"


def found(sheet):
    grey = grey_of(np.asarray(sheet.image))
    return codes_of(grey, to_dpi(grey, sheet.dpi, 200))


def with_code(text, dpi, millimetres, turn=0, **options):
    sheet = Sheet(dpi=dpi)
    sheet.line("Cộng hòa xã hội chủ nghĩa Việt Nam")
    file = io.BytesIO()
    segno.make_qr(text, **options).save(file, kind="png", scale=8)
    code = Image.open(file).convert("RGB").rotate(turn, expand=True)
    side = sheet.mm(millimetres)
    sheet.paste(code.resize((side, side), Image.Resampling.LANCZOS), 120, 100)
    return sheet


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_a_dossiers_code_is_read_whichever_way_it_lies(turn):
    (code,) = found(with_code("000.11.50.H11-210517-5013", 200, 25, turn))
    assert (code.kind, code.text) == ("QRCode", "000.11.50.H11-210517-5013")


def test_the_small_code_of_an_identity_card_is_read_with_its_letters():
    (code,) = found(with_code(CARD, 300, 17))
    assert code.text == CARD


def test_control_characters_become_visible():
    (code,) = found(with_code("a\nb\x1bc", 200, 25))
    assert code.text == "a b c"


def test_a_page_without_codes_has_none():
    sheet = Sheet()
    sheet.paragraph("Kính đề nghị quý cơ quan xem xét, giải quyết theo quy định của pháp luật.")
    assert found(sheet) == ()

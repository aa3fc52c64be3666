"""A small picture with two lines, as the reader gets it."""

from pathlib import Path

import numpy as np
import pytest

from scanning.image.encode import write_grey
from scanning.image.light import grey_of
from tests.drawing.pages import Sheet


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sheet = Sheet(size_mm=(150, 40))
    sheet.line("Nguyễn Thị Mẫu")
    sheet.line("Số: 1234/QĐ-UBND")
    path = tmp_path_factory.mktemp("drawn") / "page.tif"
    write_grey(path, grey_of(np.asarray(sheet.image)))
    return path

"""python -m scanning, as a person calls it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from scanning.__main__ import main
from tests.drawing.pages import draw_page, to_bytes
from tests.scanning import files

pytestmark = pytest.mark.tools

HEIC = Path(__file__).parent / "samples" / "don.heic"


def call(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "scanning", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
        check=False,
    )


def written(folder, stem):
    return json.loads((folder / f"{stem}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One call over a mixed pile, looked at by several tests."""
    folder = tmp_path_factory.mktemp("desk")
    piles = {
        "don.jpg": draw_page(71).data,
        "quay.png": draw_page(72, turn=90, form="PNG").data,
        "nhieu.tif": files.tiff(
            draw_page(73).image, draw_page(74, paper="decision", turn=180).image
        ),
        "so.pdf": files.born_digital("<h1>THÔNG BÁO</h1><p>Kính gửi các cơ quan, đơn vị.</p>"),
        "ma.pdf": files.encrypted(),
        "html.pdf": files.HTML,
        "anh.heic": HEIC.read_bytes(),
    }
    for name, data in piles.items():
        (folder / name).write_bytes(data)
    done = call(*(folder / name for name in piles), "--out", folder / "out", "--images")
    return folder, done


def test_some_refused_gives_status_one_and_a_line_for_each(desk):
    _, done = desk
    assert done.returncode == 1
    assert done.stdout == ""
    lines = sorted(Path(line.split(":")[0]).name for line in done.stderr.splitlines())
    assert lines == ["html.pdf", "ma.pdf"]
    assert "(encrypted)" in done.stderr
    assert "(unsupported)" in done.stderr


def test_a_refused_file_leaves_its_reason_and_nothing_else(desk):
    out = desk[0] / "out"
    assert written(out, "ma")["verdict"] == "refused"
    assert written(out, "ma")["reason"] == "encrypted"
    assert not (out / "ma.pdf").exists()
    assert not (out / "ma.txt").exists()


def test_the_record_has_the_promised_shape(desk):
    folder, _ = desk
    record = written(folder / "out", "don")
    assert list(record) == [
        "input",
        "sha256",
        "seconds",
        "verdict",
        "reason",
        "warnings",
        "signatures",
        "engine",
        "pages",
        "documents",
    ]
    assert record["input"] == "don.jpg"
    assert record["sha256"] == hashlib.sha256((folder / "don.jpg").read_bytes()).hexdigest()
    assert record["engine"]["languages"] == "vie"
    (page,) = record["pages"]
    assert set(page) == {
        "number",
        "dpi",
        "dpi_source",
        "width_px",
        "height_px",
        "rotated_by",
        "rotation_sure",
        "skew_degrees",
        "blank",
        "confidence",
        "problems",
        "codes",
        "text_source",
    }
    assert (page["dpi"], page["dpi_source"], page["text_source"]) == (200, "file", "ocr")
    (document,) = record["documents"]
    assert (document["pages"], document["kind"], document["started_by"]) == (
        [1],
        "don_de_nghi",
        "title",
    )


def test_drawn_fields_are_read_from_the_page(desk):
    fields = {f["name"]: f for f in written(desk[0] / "out", "don")["documents"][0]["fields"]}
    for name, value in draw_page(71).fields.items():
        assert fields[name]["value"] == value
        assert len(fields[name]["box"]) == 4


def test_a_turned_page_is_read_and_lies_upright_in_every_copy(desk, words_found):
    out = desk[0] / "out"
    page = written(out, "quay")["pages"][0]
    assert (page["rotated_by"], page["rotation_sure"]) == (90, True)
    assert page["height_px"] > page["width_px"]
    assert words_found(draw_page(72).text, (out / "quay.txt").read_text(encoding="utf-8")) > 0.95


def test_pages_of_one_file_are_parted_by_a_form_feed(desk, words_found):
    out = desk[0] / "out"
    first, second = (out / "nhieu.txt").read_text(encoding="utf-8").split("\f")
    assert words_found(draw_page(73).text, first) > 0.95
    assert words_found(draw_page(74, paper="decision").text, second) > 0.95
    with pikepdf.open(out / "nhieu.pdf") as pdf:
        assert len(pdf.pages) == 2
    assert [d["pages"] for d in written(out, "nhieu")["documents"]] == [[1, 2]]  # nobody asked


def test_a_photo_of_a_telephone_is_read(desk):
    assert "ĐƠN ĐỀ NGHỊ" in (desk[0] / "out" / "anh.txt").read_text(encoding="utf-8")


def test_letters_of_a_pdf_are_believed(desk):
    out = desk[0] / "out"
    assert written(out, "so")["pages"][0]["text_source"] == "existing"
    assert "Kính gửi các cơ quan, đơn vị." in (out / "so.txt").read_text(encoding="utf-8")


def test_the_searchable_copy_holds_the_same_words(desk):
    out = desk[0] / "out"
    done = subprocess.run(["pdftotext", out / "don.pdf", "-"], capture_output=True, check=True)
    assert done.stdout.decode().split() == (out / "don.txt").read_text(encoding="utf-8").split()


def test_pictures_and_words_are_written_where_wanted(desk):
    out = desk[0] / "out"
    for name in ("nhieu-001.webp", "nhieu-002.webp", "nhieu-002-thumb.webp"):
        assert (out / name).read_bytes()[8:12] == b"WEBP"
    words = json.loads((out / "don-001.words.json").read_text(encoding="utf-8"))
    assert words["number"] == 1
    assert {"text", "box", "confidence", "line"} == set(words["words"][0])
    assert not list(out.glob("*.part"))


def test_wrong_usage_is_status_two_and_touches_nothing(tmp_path, capsys):
    page, data = tmp_path / "don.pdf", files.saved(files.pdf())
    page.write_bytes(data)
    other = tmp_path / "x" / "don.jpg"
    other.parent.mkdir()
    other.write_bytes(b"not even looked at")
    out = tmp_path / "out"
    for arguments in (
        (),
        (page,),
        (tmp_path / "missing.jpg", "--out", out),
        (tmp_path, "--out", out),
        (page, "--out", out, "--jobs", "0"),
        (page, "--out", out, "--jobs", "many"),
        (page, "--out", out, "--languages", "xyz"),
        (page, "--out", out, "--languages", "vie;vie"),
        (page, "--out", page),
        (page, other, "--out", out),  # the same stem twice
        (page, "--out", tmp_path),  # would write over its own input
    ):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        assert end.value.code == 2, arguments
        assert capsys.readouterr().err
    assert page.read_bytes() == data
    assert not list(out.glob("*"))


def test_a_wrong_setting_is_one_sentence(tmp_path):
    done = call(HEIC, "--out", tmp_path, MAX_UPLOAD_MB="lots")
    assert done.returncode == 2
    assert "MAX_UPLOAD_MB" in done.stderr


def test_limits_of_the_environment_hold(tmp_path):
    page = tmp_path / "don.jpg"
    page.write_bytes(to_bytes(draw_page(78).image))
    done = call(page, "--out", tmp_path / "out", MAX_IMAGE_MEGAPIXELS="1")
    assert done.returncode == 1
    assert written(tmp_path / "out", "don")["reason"] == "too_large"


def test_an_earlier_result_does_not_stand_in_for_a_refused_file(tmp_path):
    page = tmp_path / "in" / "don.pdf"
    page.parent.mkdir()
    page.write_bytes(b"")
    for name in ("don.pdf", "don.txt", "khac.pdf"):
        (tmp_path / name).write_bytes(b"of an earlier file")
    assert main([str(page), "--out", str(tmp_path)]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["don.json", "in", "khac.pdf"]

"""Stacks of paper from the feeder to the papers, through python -m scanning."""

import json
import subprocess

import pikepdf
import pytest

from scanning.__main__ import main
from scanning.separators import Target
from tests.drawing.pages import Sheet
from tests.drawing.stacks import (
    blank,
    seen_through,
    separator,
    stack_file,
    titled,
)

pytestmark = pytest.mark.tools

CODE = "000.11.50.H11-210517-5013"
COMPONENTS = [
    {"id": "1", "title": "Tờ khai đăng ký khai sinh"},
    {"id": "2", "title": "Giấy chứng sinh"},
    {"id": "3", "title": "Văn bản ủy quyền"},
    {"id": "4", "title": "Giấy chứng nhận kết hôn của cha mẹ"},
]


def signed_only():
    """A back that bears nothing but a seal."""
    sheet = Sheet(dpi=150)
    sheet.seal(140, 230)
    return sheet.image


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One stack of eleven sides, looked at by several tests."""
    folder = tmp_path_factory.mktemp("stack")
    short = Sheet(dpi=150)
    short.line("Trang 2")
    form = titled("TỜ KHAI", "ĐĂNG KÝ KHAI SINH", lines=3)
    sides = [
        separator(Target(CODE, "3"), dpi=100).rotate(180).resize((1240, 1754)),  # 1
        titled("GIẤY ỦY QUYỀN", seed=1, lines=3),  # 2
        signed_only(),  # 3
        separator(Target(CODE, "2")).rotate(4, fillcolor="white"),  # 4
        separator(),  # 5
        form,  # 6
        seen_through(form),  # 7
        titled("GIẤY CHỨNG NHẬN", "KẾT HÔN", seed=2, lines=3),  # 8
        blank(),  # 9
        separator(code=False),  # 10
        short.image,  # 11
    ]
    (folder / "chong.tif").write_bytes(stack_file(sides))
    (folder / "thanh-phan.json").write_text(json.dumps(COMPONENTS), encoding="utf-8")
    status = main(
        [
            *(str(folder / "chong.tif"), "--out", str(folder), "--split", "--sheets", "12"),
            *("--components", str(folder / "thanh-phan.json")),
        ]
    )
    assert status == 0
    return folder, json.loads((folder / "chong.json").read_text(encoding="utf-8"))


def test_papers_begin_at_separators_and_titles(desk):
    _, record = desk
    assert [(d["pages"], d["started_by"], d["component"]) for d in record["documents"]] == [
        ([2, 3], "separator", "3"),
        ([6], "separator", None),
        ([8], "title", None),
        ([11], "separator", None),
    ]
    assert {d["dossier"] for d in record["documents"]} == {CODE, None}


def test_every_page_is_a_paper_s_or_reported(desk):
    _, record = desk
    placed = [n for d in record["documents"] for n in d["pages"]]
    placed += [*record["blanks_dropped"], *(s["page"] for s in record["separators"])]
    assert sorted(placed) == [page["number"] for page in record["pages"]] == list(range(1, 12))


def test_separators_are_found_upside_down_leaning_and_at_100_dpi(desk):
    _, record = desk
    assert record["separators"] == [
        {"page": 1, "readable": True, "dossier": CODE, "component": "3", "pages": [2, 3]},
        {"page": 4, "readable": True, "dossier": CODE, "component": "2", "pages": []},
        {"page": 5, "readable": True, "dossier": None, "component": None, "pages": [6]},
        {"page": 10, "readable": False, "dossier": None, "component": None, "pages": [11]},
    ]
    assert record["pages"][0]["rotated_by"] == 180
    assert abs(record["pages"][3]["skew_degrees"]) == pytest.approx(4, abs=1)


def test_what_only_a_person_can_settle_is_named(desk):
    _, record = desk
    assert record["sheets"] == {"found": 11, "expected": 12}
    assert record["review"] == [
        {"reason": "sheets_missing", "page": None},
        {"reason": "separator_unreadable", "page": 10},
    ]
    assert "unreadable" in record["pages"][9]["problems"]


def test_empty_backs_are_dropped_and_a_seal_is_not(desk):
    _, record = desk
    assert record["blanks_dropped"] == [7, 9]
    assert [page["number"] for page in record["pages"] if page["blank"]] == [7, 9]


def test_papers_are_proposed_for_components(desk):
    _, record = desk
    proposals = [d["proposal"] and d["proposal"]["component"] for d in record["documents"]]
    assert proposals == ["3", "1", "4", None]
    assert record["documents"][0]["proposal"] == {
        "component": "3",
        "confidence": 1.0,
        "reason": "separator",
    }
    assert [c["id"] for c in record["components"] if not c["found"]] == ["2"]


def test_the_whole_stack_stays_and_each_paper_lies_beside_it(desk):
    folder, _ = desk
    with pikepdf.open(folder / "chong.pdf") as pdf:
        assert len(pdf.pages) == 11
    papers = sorted(path.name for path in (folder / "chong.papers").iterdir())
    assert papers == [f"{n:03}.{ending}" for n in range(1, 5) for ending in ("pdf", "txt")]
    with pikepdf.open(folder / "chong.papers" / "001.pdf") as pdf:
        assert len(pdf.pages) == 2
    text = (folder / "chong.papers" / "003.txt").read_text(encoding="utf-8")
    assert "KẾT HÔN" in text


def test_fronts_and_backs_of_a_one_sided_feeder_are_put_in_order(tmp_path, capsys):
    one, two, three = (separator(Target(CODE, n), dpi=75) for n in "123")
    (tmp_path / "truoc.tif").write_bytes(stack_file([one, three], 75))
    (tmp_path / "sau.tif").write_bytes(stack_file([blank(75), two], 75))
    pair = ["--collate", str(tmp_path / "truoc.tif"), str(tmp_path / "sau.tif")]
    assert main([*pair, "--out", str(tmp_path), "--split", "--sheets", "2"]) == 0
    record = json.loads((tmp_path / "truoc.json").read_text(encoding="utf-8"))
    assert [s["component"] for s in record["separators"]] == ["1", "2", "3"]
    assert record["blanks_dropped"] == [4]
    assert record["sheets"] == {"found": 2, "expected": 2}
    assert record["backs"]["input"] == "sau.tif"
    assert not capsys.readouterr().err


def test_stacks_of_unequal_height_are_refused_with_the_reason(tmp_path, capsys):
    (tmp_path / "truoc.tif").write_bytes(stack_file([blank()] * 3))
    (tmp_path / "sau.tif").write_bytes(stack_file([blank()] * 2))
    pair = ["--collate", str(tmp_path / "truoc.tif"), str(tmp_path / "sau.tif")]
    assert main([*pair, "--out", str(tmp_path)]) == 1
    record = json.loads((tmp_path / "truoc.json").read_text(encoding="utf-8"))
    assert (record["verdict"], record["reason"]) == ("refused", "unequal_stacks")
    assert "3 mặt trước, 2 mặt sau" in capsys.readouterr().err


def test_a_worker_tells_of_separators_and_blanks(scanner):
    sides = [separator(Target(CODE, "2"), dpi=75), blank(75), separator(code=False, dpi=75)]
    result = scanner.scan(stack_file(sides, 75), "a.tif", split=True, keep_blanks=True)
    first, second = result.separators
    assert (first.component, first.pages, second.readable) == ("2", (2,), False)
    assert [(d.pages, d.component) for d in result.documents] == [((2,), "2")]
    assert result.blanks_dropped == ()
    assert [(page.blank, page.separator) for page in result.pages] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert type(result).from_json(result.to_json()) == result


def test_wrong_words_about_a_stack_are_wrong_usage(tmp_path, capsys):
    page, rows = tmp_path / "a.tif", tmp_path / "rows.json"
    page.write_bytes(b"not even looked at")
    rows.write_text('[{"id": 1}]', encoding="utf-8")
    for arguments in (
        (page, "--collate", page, page),
        (page, "--keep-blanks"),
        (page, "--components", rows),
        (page, "--split", "--components", rows),
        (page, "--split", "--components", tmp_path / "missing.json"),
        (page, "--sheets", "0"),
        ("--collate", page, tmp_path / "missing.tif"),
    ):
        with pytest.raises(SystemExit) as end:
            main([*map(str, arguments), "--out", str(tmp_path / "out")])
        assert end.value.code == 2, arguments
        assert capsys.readouterr().err


def test_the_papers_words_are_where_they_stand(desk):
    folder, _ = desk
    done = subprocess.run(
        ["pdftotext", folder / "chong.papers" / "002.pdf", "-"], capture_output=True, check=True
    )
    assert "ĐĂNG KÝ KHAI SINH" in done.stdout.decode()

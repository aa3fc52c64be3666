"""python -m scanning INPUT... --out DIR: papers to searchable PDF, text and JSON, at one desk."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from scanning.batch import Options, Outcome, read_all
from scanning.codec import decode_list
from scanning.errors import ScanError
from scanning.ocr.proposals import Component
from scanning.ocr.tesseract import installed_languages
from scanning.outputs import papers_folder
from scanning.settings import ScanSettings, SettingsError, check_languages
from scanning.stack_report import StackOptions

_ACCEPTED, _SOME_REFUSED, _WRONG_USAGE = 0, 1, 2

_SENTENCES = {
    "empty": "tệp trống, không có dữ liệu",
    "unsupported": "không phải ảnh hoặc PDF đọc được",
    "damaged": "tệp hỏng, không đọc được",
    "encrypted": "tệp có mật khẩu hoặc bị khóa",
    "no_pages": "tệp không có trang nào",
    "too_large": "tệp, ảnh hoặc số trang vượt giới hạn",
    "dynamic_form": "biểu mẫu động, nội dung không nằm trên trang",
    "timeout": "đọc quá thời gian cho phép",
    "unequal_stacks": "hai chồng không cùng số trang, không thể xếp mặt trước với mặt sau",
}
_TO_REVIEW = {
    "separator_unreadable": "trang {page} là tờ phân cách nhưng không đọc được mã",
    "sheets_missing": "số tờ quét được ít hơn số tờ đã đếm",
    "sheets_added": "số tờ quét được nhiều hơn số tờ đã đếm",
    "side_missing": "thiếu một mặt giấy: quét hai mặt mà số trang lẻ",
}


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 all accepted, 1 some refused, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = ScanSettings.from_environment()
        languages = check_languages(options.languages or settings.languages)
        _check_engine(languages)
    except (SettingsError, ScanError) as error:
        parser.error(str(error))
    inputs = [options.collate[0]] if options.collate else options.inputs
    stack = _stack(parser, options)
    _check_paths(parser, inputs, options.out, stack.backs)
    work = Options(
        out=options.out,
        languages=languages,
        limits=settings.limits,
        jobs=options.jobs,
        images=options.images,
        stack=stack,
    )
    try:
        outcomes = read_all(inputs, work)
    except ScanError as error:  # the machine's fault, not a file's
        parser.exit(_WRONG_USAGE, f"không đọc được ({error.code}): {error}\n")
    return _tell(outcomes)


def _tell(outcomes: list[Outcome]) -> int:
    """One line for each file that was refused, and for all that a person must look at."""
    refused = [outcome for outcome in outcomes if outcome.reason]
    for outcome in refused:
        sentence = _SENTENCES[outcome.reason or ""]
        sentence += f" ({outcome.detail})" if outcome.detail else ""
        sys.stderr.write(f"{outcome.path}: từ chối ({outcome.reason}): {sentence}\n")
    for outcome in outcomes:
        for review in outcome.review:
            sentence = _TO_REVIEW[review.reason].format(page=review.page)
            sys.stderr.write(f"{outcome.path}: cần xem lại ({review.reason}): {sentence}\n")
    return _SOME_REFUSED if refused else _ACCEPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scanning",
        description="Đọc giấy tờ thành PDF/A-2b tìm được chữ, văn bản và JSON.",
    )
    parser.add_argument(
        "inputs",
        nargs="*",
        type=Path,
        metavar="INPUT",
        help="JPEG, PNG, TIFF, PDF, HEIC, WebP hoặc BMP, một hay nhiều trang",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="thư mục kết quả")
    parser.add_argument(
        "--languages", help="mã ngôn ngữ Tesseract (mặc định: OCR_LANGUAGES hoặc vie)"
    )
    parser.add_argument(
        "--jobs", type=_positive, default=2, help="số trang đọc cùng lúc (mặc định: 2)"
    )
    _add_stack_options(parser)
    parser.add_argument(
        "--images", action="store_true", help="ghi thêm ảnh từng trang, ảnh nhỏ và vị trí các từ"
    )
    return parser


def _add_stack_options(parser: argparse.ArgumentParser) -> None:
    stack = parser.add_argument_group("chồng giấy tờ quét một lượt")
    stack.add_argument(
        "--split",
        action="store_true",
        help="tách chồng thành từng giấy tờ: sau tờ phân cách, ở mã QR khác của cổng,"
        " ở trang có tên một loại giấy tờ; bỏ mặt trắng ra ngoài",
    )
    stack.add_argument(
        "--keep-blanks", action="store_true", help="giữ mặt trắng trong giấy tờ (cùng --split)"
    )
    stack.add_argument(
        "--two-sided", action="store_true", help="quét hai mặt: trang chẵn là mặt sau"
    )
    stack.add_argument(
        "--sheets",
        type=_count,
        metavar="N",
        help="số tờ giấy đã đưa vào máy quét, kể cả tờ phân cách, để đối chiếu",
    )
    stack.add_argument(
        "--components",
        type=Path,
        metavar="FILE",
        help='thành phần hồ sơ để đề xuất cho từng giấy tờ, JSON: [{"id": "1", "title": "…"}]',
    )
    stack.add_argument(
        "--collate",
        nargs=2,
        type=Path,
        metavar=("FRONTS", "BACKS"),
        help="thay cho INPUT: máy quét một mặt, tệp mặt trước 1, 3, 5 và tệp mặt sau 6, 4, 2",
    )


def _stack(parser: argparse.ArgumentParser, options: argparse.Namespace) -> StackOptions:
    """What the call says of its stack; contradictions are wrong usage."""
    if bool(options.inputs) == bool(options.collate):
        parser.error("cần INPUT hoặc --collate FRONTS BACKS, không dùng cả hai")
    if not options.split and (options.keep_blanks or options.components):
        parser.error("--keep-blanks và --components chỉ dùng cùng --split")
    return StackOptions(
        split=options.split,
        keep_blanks=options.keep_blanks,
        two_sided=options.two_sided,
        sheets=options.sheets,
        components=_components(parser, options.components) if options.components else (),
        backs=options.collate[1] if options.collate else None,
    )


def _components(parser: argparse.ArgumentParser, path: Path) -> tuple[Component, ...]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        components = decode_list(Component, rows if isinstance(rows, list) else [None])
    except (OSError, ValueError):  # ShapeError and broken JSON or UTF-8 are values
        parser.error(f'{path}: cần JSON dạng [{{"id": "1", "title": "Tên giấy tờ"}}]')
    if len({component.id for component in components}) < len(components):
        parser.error(f"{path}: hai thành phần cùng id")
    return components


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("từ 1")
    return number


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("từ 1 đến 64")
    return number


def _check_engine(languages: str) -> None:
    missing = set(languages.split("+")) - installed_languages()
    if missing:
        raise SettingsError(f"Tesseract chưa có dữ liệu ngôn ngữ: {', '.join(sorted(missing))}.")


def _check_paths(
    parser: argparse.ArgumentParser, inputs: list[Path], out: Path, backs: Path | None
) -> None:
    """Every input can be opened, and no result would lie over another or over an input."""
    opened = [*inputs, *([backs] if backs else [])]
    for path in opened:
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            parser.error(f"{path}: {error.strerror}")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"{out}: {error.strerror}")
    twice = [stem for stem, count in Counter(path.stem for path in inputs).items() if count > 1]
    if twice:
        parser.error(f"hai tệp cùng tên gốc sẽ ghi đè kết quả của nhau: {', '.join(twice)}")
    sources = {path.resolve() for path in opened}
    folders = {path.parent for path in sources}
    for path in inputs:
        stem = out / path.stem
        if papers_folder(stem).resolve() in folders or any(
            Path(f"{stem}{ending}").resolve() in sources for ending in (".pdf", ".txt", ".json")
        ):
            parser.error(f"kết quả sẽ ghi đè chính tệp {path}; hãy chọn thư mục khác")


if __name__ == "__main__":
    sys.exit(main())

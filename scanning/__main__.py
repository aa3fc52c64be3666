"""python -m scanning INPUT... --out DIR: papers to searchable PDF, text and JSON, at one desk."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from scanning.batch import Options, Outcome, read_all
from scanning.errors import ScanError
from scanning.ocr.tesseract import installed_languages
from scanning.settings import ScanSettings, SettingsError, check_languages

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
    _check_paths(parser, options.inputs, options.out)
    work = Options(
        out=options.out,
        languages=languages,
        limits=settings.limits,
        jobs=options.jobs,
        split=options.split,
        images=options.images,
    )
    try:
        outcomes = read_all(options.inputs, work)
    except ScanError as error:  # the machine's fault, not a file's
        parser.exit(_WRONG_USAGE, f"không đọc được ({error.code}): {error}\n")
    return _tell(outcomes)


def _tell(outcomes: list[Outcome]) -> int:
    """One line for each file that was refused."""
    refused = [outcome for outcome in outcomes if outcome.reason]
    for outcome in refused:
        sentence = _SENTENCES[outcome.reason or ""]
        sys.stderr.write(f"{outcome.path}: từ chối ({outcome.reason}): {sentence}\n")
    return _SOME_REFUSED if refused else _ACCEPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scanning",
        description="Đọc giấy tờ thành PDF/A-2b tìm được chữ, văn bản và JSON.",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
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
    parser.add_argument(
        "--split", action="store_true", help="bắt đầu giấy tờ mới ở trang có tên một loại giấy tờ"
    )
    parser.add_argument(
        "--images", action="store_true", help="ghi thêm ảnh từng trang, ảnh nhỏ và vị trí các từ"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("từ 1 đến 64")
    return number


def _check_engine(languages: str) -> None:
    missing = set(languages.split("+")) - installed_languages()
    if missing:
        raise SettingsError(f"Tesseract chưa có dữ liệu ngôn ngữ: {', '.join(sorted(missing))}.")


def _check_paths(parser: argparse.ArgumentParser, inputs: list[Path], out: Path) -> None:
    """Every input can be opened, and no result would lie over another or over an input."""
    for path in inputs:
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
    sources = {path.resolve() for path in inputs}
    for path in inputs:
        if any(
            (out / f"{path.stem}{ending}").resolve() in sources
            for ending in (".pdf", ".txt", ".json")
        ):
            parser.error(f"kết quả sẽ ghi đè chính tệp {path}; hãy chọn thư mục khác")


if __name__ == "__main__":
    sys.exit(main())

"""Reads the same pages in three ways, one after the other, and prints a table."""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scanning.ocr.tesseract import installed_version
from tests.drawing.mixed import LOOKS, mixed_page
from tests.scanning.scoring import errors_in

AT_ONCE = 2
BAD = 0.2
PICTURES = {".jpg", ".png"}
# Its default leaves turned pages turned although it saw them: this is the fairer opponent.
TURNING = ("--rotate-pages", "--rotate-pages-threshold", "2")
OCRMYPDF = ("-l", "vie", *TURNING, "--deskew", "--clean", "--jobs", "2", "--quiet")


@dataclass(frozen=True)
class Reading:
    """What one way took, and got wrong of each page."""

    name: str
    seconds: float
    processor: float
    wrong: list[float]
    size: float  # of the PDF, in kB a page; 0 where there is none


def main() -> None:
    """Pages from a folder, or drawn for it."""
    parser = argparse.ArgumentParser(prog="script/bench-scanning")
    parser.add_argument("--ocrmypdf", type=Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--pages", type=Path, help="a folder of pictures with their text beside them"
    )
    parser.add_argument("--count", type=int, default=40, help="how many pages to draw")
    options = parser.parse_args()
    os.environ["OMP_THREAD_LIMIT"] = (
        "1"  # several threads of one page only stand in each other's way
    )
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        pages = options.pages or drawn(Path(folder, "pages"), options.count)
        pictures = sorted(path for path in pages.iterdir() if path.suffix in PICTURES)
        print(f"{len(pictures)} pages, {AT_ONCE} at once, load {os.getloadavg()[0]:.1f}; ", end="")
        print(f"Tesseract {installed_version()}, {version_of(options.ocrmypdf)}")
        report([measured(way, pictures, Path(folder)) for way in ways(options.ocrmypdf)])


def drawn(folder: Path, count: int) -> Path:
    """Pages of every look and paper, each with its text."""
    folder.mkdir()
    for number in range(count):
        look = list(LOOKS)[number // 4 % len(LOOKS)]
        page = mixed_page(500 + number, look)
        name = f"{number:03}-{look}"
        (folder / f"{name}.{'png' if look == 'copied' else 'jpg'}").write_bytes(page.data)
        (folder / f"{name}.txt").write_text(page.text, encoding="utf-8")
    return folder


Way = tuple[str, Callable[[Sequence[Path], Path], None]]


def ways(ocrmypdf: Path) -> Iterator[Way]:
    """Each writes STEM.txt, and STEM.pdf where it makes one, into a folder."""
    yield "ours", ours
    yield "Tesseract alone", tesseract
    if ocrmypdf.exists():
        yield "OCRmyPDF", lambda pictures, out: other(ocrmypdf, pictures, out)


def ours(pictures: Sequence[Path], out: Path) -> None:
    """The command of the module, with PDF/A and JSON."""
    command = [sys.executable, "-m", "scanning", *map(str, pictures)]
    command += ["--out", str(out), "--jobs", str(AT_ONCE)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def tesseract(pictures: Sequence[Path], out: Path) -> None:
    """Text only."""
    each(pictures, lambda page: ["tesseract", page, out / page.stem, "-l", "vie"])


def other(program: Path, pictures: Sequence[Path], out: Path) -> None:
    """PDF/A and text."""

    def command(page: Path) -> list[str | Path]:
        target = out / page.stem
        text, paper = target.with_suffix(".txt"), target.with_suffix(".pdf")
        return [program, *OCRMYPDF, "--sidecar", text, page, paper]

    each(pictures, command)


def each(pictures: Sequence[Path], command: Callable[[Path], Sequence[str | Path]]) -> None:
    """Run it for every page; a page it cannot read stays without text."""

    def run(page: Path) -> None:
        subprocess.run(command(page), check=False, capture_output=True)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, pictures))


def measured(way: Way, pictures: Sequence[Path], folder: Path) -> Reading:
    """Let one way read all pages."""
    name, read = way
    out = folder / name.replace(" ", "-")
    out.mkdir()
    before, start = children(), time.perf_counter()
    read(pictures, out)
    seconds, processor = time.perf_counter() - start, children() - before
    papers = list(out.glob("*.pdf"))
    size = sum(path.stat().st_size for path in papers) / 1000 / max(1, len(papers))
    return Reading(name, seconds, processor, [wrong_in(page, out) for page in pictures], size)


def wrong_in(page: Path, out: Path) -> float:
    """The share of the page read wrong; all of it where nothing was read."""
    truth = page.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    read = out / f"{page.stem}.txt"
    return (
        errors_in(truth, read.read_text(encoding="utf-8", errors="replace")) if read.exists() else 1
    )


def children() -> float:
    """Processor seconds of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def version_of(ocrmypdf: Path) -> str:
    """Of the other program, if it is here."""
    if not ocrmypdf.exists():
        return "without OCRmyPDF"
    asked = subprocess.run([ocrmypdf, "--version"], check=True, capture_output=True, text=True)
    return f"OCRmyPDF {asked.stdout.strip()}"


def report(readings: Sequence[Reading]) -> None:
    """A row for each way."""
    print(f"{'':16} pages/min  CPU s/page  wrong: mean  median  pages > 20 %  kB/page")
    for one in readings:
        pages = len(one.wrong)
        print(
            f"{one.name:16} {60 * pages / one.seconds:9.1f} {one.processor / pages:11.2f} "
            f"{statistics.mean(one.wrong):12.2%} {statistics.median(one.wrong):7.2%} "
            f"{sum(share > BAD for share in one.wrong):13} {one.size:8.0f}"
        )


if __name__ == "__main__":
    main()

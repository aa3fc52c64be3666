"""python -m scanning.station: pairs this computer with the portal, then works for its counter."""

import argparse
import contextlib
import sys
from pathlib import Path

from scanning.station import pairing, scanner
from scanning.station.pairing import WrongUse
from scanning.station.spool import Spool
from scanning.station.wire import Away, Portal, Refused, Revoked
from scanning.station.work import Station, say

_DONE, _REVOKED, _WRONG_USE = 0, 3, 2
_POLL_SECONDS = 2.0


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 as asked, 2 wrong usage or nothing reached, 3 no longer paired."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.act(options))
    except WrongUse as problem:
        say(str(problem))
    except Refused as refusal:
        say(f"Cổng từ chối: {refusal}")
    except Away as error:
        say(f"Không nối được với cổng: {error}.")
    except Revoked:
        say("Cổng không còn nhận máy trạm này. Nhờ giám sát bưu điện cấp mã mới rồi ghép lại.")
        return _REVOKED
    return _WRONG_USE


def _pair(options: argparse.Namespace) -> int:
    with contextlib.closing(pairing.alone(options.data)):
        made = Portal.pair(pairing.check_url(options.url), options.code, options.ca)
        pairing.save(options.data, made)
    say(
        f"Đã ghép máy trạm “{made.station}” của {made.office}. Chạy: python -m scanning.station run"
    )
    return _DONE


def _run(options: argparse.Namespace) -> int:
    with contextlib.closing(pairing.alone(options.data)), contextlib.suppress(KeyboardInterrupt):
        known = pairing.load(options.data)
        station = Station(
            portal=Portal(known),
            spool=Spool(options.data / "spool"),
            device=options.device,
            program=options.scanimage,
            options=tuple(options.option),
            every=options.poll,
        )
        station.forever()
    return _DONE


def _devices(options: argparse.Namespace) -> int:
    found = scanner.listing(options.scanimage)
    sys.stdout.write(found or "Không thấy máy quét nào.\n")
    return _DONE


def _status(options: argparse.Namespace) -> int:
    known = pairing.load(options.data)
    held = Spool(options.data / "spool").count()
    sys.stdout.write(f"{known.station}, {known.office}: {known.url}\nTrang chờ gửi: {held}\n")
    return _DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scanning.station",
        description="Máy trạm ở quầy: quét theo lệnh của giao dịch viên và gửi trang về cổng.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path.home() / ".mot-cua-station",
        metavar="DIR",
        help="nơi giữ mã của máy và các trang chờ gửi (mặc định: ~/.mot-cua-station)",
    )
    acts = parser.add_subparsers(required=True, metavar="{pair,run,devices,status}")
    _add_pair(acts.add_parser("pair", help="ghép máy này với cổng, một lần"))
    _add_run(acts.add_parser("run", help="chờ lệnh quét và làm theo"))
    devices = acts.add_parser("devices", help="liệt kê máy quét nối với máy này")
    devices.set_defaults(act=_devices)
    acts.add_parser("status", help="máy này ghép với đâu, còn mấy trang chờ").set_defaults(
        act=_status
    )
    for one in acts.choices.values():
        one.add_argument("--scanimage", default="scanimage", help=argparse.SUPPRESS)
    return parser


def _add_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="địa chỉ của cổng, https://…")
    parser.add_argument("--code", required=True, help="mã ghép do giám sát bưu điện cấp")
    parser.add_argument(
        "--ca", default="", metavar="PEM", help="chứng thư của cổng, nếu cổng tự ký chứng thư"
    )
    parser.set_defaults(act=_pair)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device", default="", help="tên SANE của máy quét (mặc định: máy đầu tiên; xem devices)"
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="=…",
        help="thêm một tuỳ chọn cho scanimage, ví dụ --option=-x --option=210",
    )
    parser.add_argument(
        "--poll",
        type=_seconds,
        default=_POLL_SECONDS,
        metavar="GIÂY",
        help=f"hỏi cổng mỗi bao nhiêu giây (mặc định: {_POLL_SECONDS:g})",
    )
    parser.set_defaults(act=_run)


def _seconds(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 60:
        raise argparse.ArgumentTypeError("từ 0.1 đến 60")
    return number


if __name__ == "__main__":
    sys.exit(main())

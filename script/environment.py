"""What script/server tells web and worker, and what it keeps in the data folder for that."""

import argparse
import base64
import contextlib
import os
import secrets
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DEMO_PASSWORD = "motcua-demo-2026"  # noqa: S105 - published on purpose; the accounts exist only in the demo
DEMO_ACCOUNTS = {
    "congdan": "citizen",
    "congdan2": "citizen",
    "buudien": "clerk of a post office",
    "buudien2": "clerk of another post office",
    "buuta": "courier",
    "giamsat": "postal supervisor",
    "motcua": "one-stop officer",
    "canbo": "officer of a department",
    "canbo2": "officer of another department",
    "lanhdao": "leader of the first department",
    "vanthu": "records clerk",
    "kiemsoat": "control of a province",
    "quantri": "administrator",
}


class StartRefused(Exception):
    """This way of starting would do harm; the sentence is all an operator sees."""


def build(options: argparse.Namespace, *, port: int) -> dict[str, str]:
    """Give every setting a value, unless whoever started us has given one."""
    data: Path = options.data
    refuse_mixture(data, demo=options.demo)
    refuse_bare_http(options)
    for folder in (data / "tmp", data / "cache", data / "meters"):
        folder.mkdir(exist_ok=True)
    for counted in (data / "meters").glob("*.db"):
        counted.unlink()  # counting begins anew with the processes that count
    scheme = "https" if options.tls else "http"
    defaults = {
        "DATA_DIR": str(data),
        "SECRET_KEY": kept(data / "secret_key", lambda: secrets.token_urlsafe(48)),
        "DATA_KEYS": kept(
            data / "data_keys", lambda: "k1:" + base64.b64encode(secrets.token_bytes(32)).decode()
        ),
        "PUBLIC_URL": f"{scheme}://{in_url(reachable(options.host))}:{port}",
        "WEB_CONCURRENCY": "2",
    }
    forced = {
        "DEMO": "1" if options.demo else "0",
        # Temporary files and caches stay in the data folder: nothing is written anywhere else.
        "TMPDIR": str(data / "tmp"),
        "XDG_CACHE_HOME": str(data / "cache"),
        "PROMETHEUS_MULTIPROC_DIR": str(data / "meters"),
        "PYTHONUNBUFFERED": "1",
    }
    return defaults | dict(os.environ) | forced


def kept(path: Path, make: Callable[[], str]) -> str:
    """Read a secret, or make it once; only the owner may read the file."""
    if not path.exists():
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(make())
    return path.read_text(encoding="ascii").strip()


def reachable(host: str) -> str:
    """Name the address others can type: "all addresses" is none."""
    if host not in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # a UDP connect sends nothing; it only picks our outgoing address
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def in_url(host: str) -> str:
    """Put an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def is_migrated(env: dict[str, str]) -> bool:
    """Tell, without loading the portal, whether the embedded database has the newest schema.

    It nearly always has, and asking Alembic takes as long as all the rest of a start.
    """
    path = Path(env["DATA_DIR"]) / "portal.db"
    if "DATABASE_URL" in env or not path.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.DatabaseError:
        return False
    return found == [((ROOT / "migrations/HEAD").read_text(encoding="ascii").strip(),)]


def was_filled(data: Path) -> bool:
    """Tell whether an earlier start has finished preparing this folder."""
    return (data / "kind").exists()


def note_filled(data: Path, *, demo: bool) -> None:
    """Remember whether this folder holds the demo."""
    (data / "kind").write_text("demo\n" if demo else "real\n", encoding="ascii")


def refuse_mixture(data: Path, *, demo: bool) -> None:
    """Keep demo people out of a real folder, and demo passwords from opening one."""
    if not was_filled(data):
        return
    is_demo = (data / "kind").read_text(encoding="ascii").strip() == "demo"
    if is_demo and not demo:
        message = (
            f"The data folder {data} holds the demo; with --no-demo choose another with --data."
        )
        raise StartRefused(message)
    if demo and not is_demo:
        message = (
            f"The data folder {data} holds no demo; add --no-demo, or choose another with --data."
        )
        raise StartRefused(message)


def refuse_bare_http(options: argparse.Namespace) -> None:
    """Keep passwords off the network: without https the portal serves this machine alone."""
    loopback = options.host in {"localhost", "::1"} or options.host.startswith("127.")
    if not (loopback or options.tls or "PUBLIC_URL" in os.environ):
        message = (
            f"--host {options.host} needs --tls, or PUBLIC_URL=https://… when a reverse proxy "
            "stands in front."
        )
        raise StartRefused(message)


def own_names(host: str) -> set[str]:
    """Name this machine in every way a browser near it may."""
    fixed = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    return fixed | {reachable(host), reachable("0.0.0.0")}  # noqa: S104 - asked about, not bound


def greeting(url: str, *, demo: bool) -> str:
    """Say where the portal is, and who may sign in."""
    if not demo:
        return f"Một Cửa is running at {url}"
    accounts = "\n".join(
        f"  {name + '@demo.test':<24} {who}" for name, who in DEMO_ACCOUNTS.items()
    )
    return f"Một Cửa is running at {url}\nDemo accounts, password {DEMO_PASSWORD}:\n{accounts}"

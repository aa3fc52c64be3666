"""Starts a portal on a folder of its own, has it attacked from outside, and reads the report."""

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import environment
from go_between import ENDS_SESSION, GoBetween

ROOT = Path(__file__).resolve().parent.parent
START_PATIENCE = 600.0
MEDIUM = 2  # of wapiti's levels: 1 low, 2 medium, 3 high, 4 critical
# Left out are modules that need a server elsewhere, that guess names of programs, and the one for
# LDAP, which we have not: it takes any answer that differs, as a throttled one does, for a hole.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,"
    "redirect,sql,upload,xss"
)
# What a form of ours carries for itself: changed, it is refused before anybody reads the rest.
OURS = ("csrf_token", "idempotency_key", "form_owner", "version")
ACCOUNTS = ("congdan", "buudien", "motcua", "canbo")


def main() -> None:
    """Attack as a visitor, then as one of each who works with dossiers."""
    parser = argparse.ArgumentParser(prog="script/attack")
    parser.add_argument("--scanner", required=True, help=argparse.SUPPRESS)
    parser.add_argument(
        "--seconds", type=int, default=150, help="for looking around, and for each kind of attack"
    )
    parser.add_argument(
        "--as", nargs="*", dest="people", default=["", *ACCOUNTS], help="accounts of the demo"
    )
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing is left running
    with tempfile.TemporaryDirectory(prefix="portal-attack-") as folder:
        portal, url = start(Path(folder))
        try:
            found = sum(attack(options, url, Path(folder), account) for account in options.people)
        finally:
            portal.send_signal(signal.SIGINT)
            portal.wait(60)
        faults = unforeseen(Path(folder))
    print(f"{found} findings of medium weight or worse, {faults} unforeseen faults of the portal")
    sys.exit(1 if found or faults else 0)


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A portal with demo data on a free port, and its address."""
    log = folder / "server.log"
    command = [sys.executable, ROOT / "script/supervise.py", "--port", "0"]
    with log.open("wb") as sink:
        portal = subprocess.Popen(
            [*command, "--data", folder / "data"], stdout=sink, stderr=sink, start_new_session=True
        )
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and portal.poll() is None:
        there = re.search(r"is running at (\S+)", log.read_text(encoding="utf-8"))
        if there:
            return portal, there[1]
        time.sleep(0.5)
    portal.kill()
    sys.exit("The portal did not start:\n" + log.read_text(encoding="utf-8")[-2000:])


def sign_in(url: str, account: str) -> str:
    """The cookies of somebody signed in."""
    connection = http.client.HTTPConnection(url.split("//")[1], timeout=30)
    connection.request("GET", "/dang-nhap")
    answer = connection.getresponse()
    token = re.search(r'name="csrf-token" content="([^"]+)"', answer.read().decode())
    assert token, "the sign-in page has a token"
    cookies = cookies_of(answer)
    form = {"csrf_token": token[1], "email": account, "password": environment.DEMO_PASSWORD}
    headers = {
        "Cookie": cookies,
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "same-origin",
    }
    connection.request("POST", "/dang-nhap", urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status in (302, 303), f"nobody signed in: {answer.status}"
    return f"{cookies}; {cookies_of(answer)}"


def cookies_of(answer: http.client.HTTPResponse) -> str:
    """What the answer sets, as a browser sends it back."""
    return "; ".join(one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or [])


def attack(options: argparse.Namespace, portal: str, folder: Path, account: str) -> int:
    """Run the scanner as one person; returns how much it found that matters, and prints it all."""
    own = folder / (account or "visitor")
    own.mkdir()
    report = own / "report.json"
    cookie = sign_in(portal, f"{account}@demo.test") if account else ""
    started = time.monotonic()
    with GoBetween(portal, cookie) as between:
        scan(options, between.url, own, report)
        if cookie:
            assert is_still_in(portal, cookie), "the sign-in did not last to the end of the attack"
    print(f"{own.name}: {sum(between.answers.values())} requests in ", end="")
    print(f"{time.monotonic() - started:.0f} s, answers {dict(sorted(between.answers.items()))}")
    return weigh(own, report)


def scan(options: argparse.Namespace, url: str, folder: Path, report: Path) -> None:
    """Let it look around, then try what it knows."""
    most = str(options.seconds)
    command = [options.scanner, "-u", f"{url}/", "-m", MODULES, "--flush-session"]
    command += ["--max-scan-time", most, "--max-attack-time", most, "--max-links-per-page", "40"]
    command += ["-f", "json", "-o", str(report), "--no-bugreport", "-v", "1"]
    command += ["--store-session", str(folder), "--store-config", str(folder)]
    command += [word for name in OURS for word in ("--skip", name)]
    command += [word for path in ENDS_SESSION for word in ("-x", f"{url}{path}")]
    with (folder / "scanner.log").open("wb") as log:
        subprocess.run(
            command, check=True, stdout=log, stderr=log, env=dict(os.environ, HOME=folder)
        )


def is_still_in(url: str, cookie: str) -> bool:
    """Whether the portal still knows who this is."""
    connection = http.client.HTTPConnection(url.split("//")[1], timeout=30)
    connection.request("GET", "/vai-tro", headers={"Cookie": cookie})
    return connection.getresponse().status == 200


def weigh(folder: Path, report: Path) -> int:
    """Print the findings by weight; returns how many are medium or worse."""
    found = json.loads(report.read_text(encoding="utf-8"))
    weighed = [
        (one["level"], kind, one["method"], one["path"], one["info"])
        for part in ("vulnerabilities", "anomalies")
        for kind, several in found[part].items()
        for one in several
    ]
    pages = found["infos"].get("crawled_pages_nbr", "?")
    log = (folder / "scanner.log").read_text(encoding="utf-8", errors="replace")
    cut = sorted(set(re.findall(r"Max attack time was reached for module (\w+)", log)))
    print(f"{folder.name}: {pages} pages and forms, {len(weighed)} findings; cut short: {cut}")
    for level, *words in sorted(weighed, reverse=True):
        print(" ", level, *words)
    sys.stdout.flush()
    return sum(level >= MEDIUM for level, *_ in weighed)


def unforeseen(folder: Path) -> int:
    """How often the portal itself answered with a fault nobody foresaw."""
    lines = (folder / "server.log").read_text(encoding="utf-8").splitlines()
    wrong = [line for line in lines if '"status": 500' in line or '"unforeseen' in line]
    for line in wrong[:20]:
        print(" ", line[:1500])
    return len(wrong)


if __name__ == "__main__":
    main()

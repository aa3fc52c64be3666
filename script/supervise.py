"""Keeps web and worker running in the foreground, on one data folder, until told to stop."""

import argparse
import contextlib
import ctypes
import fcntl
import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import environment

ROOT = Path(__file__).resolve().parent.parent
STOP_PATIENCE = 15.0  # seconds a child may take to end by itself; gunicorn gives its requests ten
READY_PATIENCE = 60.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage text around it."""

    def error(self, message: str) -> NoReturn:
        """End with the status of wrong usage."""
        refuse(f"Wrong option: {message}. See script/server --help.", status=2)


class Child:
    """One process with everything it starts, brought back whenever it dies."""

    def __init__(
        self, name: str, command: list[str], env: dict[str, str], listener: socket.socket | None
    ) -> None:
        self.name, self.command, self.env = name, command, env
        self.inherited = [listener.fileno()] if listener else []
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_again_at = 0.0

    def start(self) -> None:
        """Start it, and remember when."""
        self.started_at = time.monotonic()
        self.process = spawn(self.command, self.env, self.inherited)

    def watch(self) -> None:
        """Notice a death and start again: at once, or after a second if it died young."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
        elif self.process.poll() is not None:
            self.signal(signal.SIGKILL)
            say(f"{self.name} died (status {self.process.returncode}) and is started again")
            self.start_again_at = now + (1.0 if now - self.started_at < 2.0 else 0.0)
            self.process = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and to all of its group."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def spawn(
    command: list[str], env: dict[str, str], inherited: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl-C reaches only the supervisor."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        pass_fds=inherited,
        start_new_session=True,
        preexec_fn=die_with_supervisor,  # noqa: PLW1509 - safe: this program has one thread
    )


def die_with_supervisor() -> None:
    """Ask the kernel to end this child should the supervisor be killed outright."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def refuse(text: str, status: int = 1) -> NoReturn:
    """End with one plain sentence."""
    print(text, file=sys.stderr, flush=True)
    sys.exit(status)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="script/server", description="Runs the portal: web and worker.", allow_abbrev=False
    )
    parser.add_argument(
        "--port", type=int, default=8000, help="port to listen on (default 8000; 0: any free one)"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)"
    )
    parser.add_argument("--data", type=Path, default=ROOT / "var", help="data folder (default var)")
    parser.add_argument(
        "--no-demo", dest="demo", action="store_false", help="start without demo accounts and data"
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        help="https with its own certificate, for phones on the same network",
    )
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not 0 <= options.port <= 65535:
        parser.error(f"--port must be from 0 to 65535, not {options.port}")
    options.data = options.data.resolve()
    return options


def listen(host: str, port: int) -> socket.socket:
    """Take the address for good: while the web starts again, visitors wait instead of failing."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        refuse(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another --port or --host."
        )
    return listener


def lock(data: Path) -> int:
    """Give one data folder one server; the lock ends with this process, however that ends."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(data / "server.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        refuse(
            f"Another script/server is using the data folder {data}; choose another with --data."
        )
    except OSError as error:
        refuse(f"Cannot use the data folder {data}: {error.strerror}.")
    return handle


def prepare(options: argparse.Namespace, env: dict[str, str]) -> None:
    """Bring the database to the newest schema, and fill it on the first start."""
    if not environment.is_migrated(env):
        run_once("migrate", env)
    if not environment.was_filled(options.data):
        say("Filling the new data folder; this first start takes a while")
        run_once("demo load" if options.demo else "load-country", env)
    environment.note_filled(options.data, demo=options.demo)


def run_once(command: str, env: dict[str, str]) -> None:
    """Run one command of the portal to its end; its own sentence is enough when it refuses."""
    process = spawn([sys.executable, "-m", "flask", "--app", "wsgi", *command.split()], env)
    try:
        status = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    if status:
        sys.exit(status)


def children(
    options: argparse.Namespace, env: dict[str, str], listener: socket.socket
) -> list[Child]:
    """The two processes of the portal."""
    python = [sys.executable, "-m"]
    web = [
        *python,
        "gunicorn",
        "--config",
        "deploy/gunicorn.conf.py",
        "--bind",
        f"fd://{listener.fileno()}",
    ]
    if options.tls:
        import certificate  # noqa: PLC0415 - only here is cryptography worth its loading time

        names = environment.own_names(options.host)
        paths = certificate.ensure(options.data / "tls", names)
        web += ["--certfile", str(paths[0]), "--keyfile", str(paths[1])]
    worker = [*python, "portal.worker"]
    return [Child("web", web, env, listener), Child("worker", worker, env, None)]


def is_ready(listener: socket.socket, *, tls: bool) -> bool:
    """Ask the web whether all it depends on answers."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    connection: http.client.HTTPConnection = http.client.HTTPConnection(host, port, timeout=2)
    if tls:
        unchecked = ssl._create_unverified_context()  # noqa: S323 - our own socket
        connection = http.client.HTTPSConnection(host, port, timeout=2, context=unchecked)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def stop(running: list[Child]) -> None:
    """End every child and whatever they started, politely first."""
    for child in running:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE
    while time.monotonic() < deadline and any(
        child.process and child.process.poll() is None for child in running
    ):
        time.sleep(0.05)
    for child in running:
        child.signal(signal.SIGKILL)
    kill_orphans(spared=set())


def kill_orphans(spared: set[int]) -> None:
    """End processes whose parent died: as the subreaper, this process has become their parent."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    while orphans := {int(pid) for pid in listed.read_text().split()} - spared:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def supervise(
    running: list[Child], options: argparse.Namespace, env: dict[str, str], listener: socket.socket
) -> None:
    """Watch the children for ever, and say once where the portal can be found."""
    announced, started_at = False, time.monotonic()
    while True:
        for child in running:
            child.watch()
        kill_orphans(spared={child.process.pid for child in running if child.process})
        if not announced and is_ready(listener, tls=options.tls):
            say(environment.greeting(env["PUBLIC_URL"], demo=options.demo))
            announced = True
        elif not announced and time.monotonic() - started_at > READY_PATIENCE:
            say(f"After {READY_PATIENCE:.0f} seconds {env['PUBLIC_URL']}/readyz is not ready.")
            announced = True
        time.sleep(0.1)


def interrupt(_number: int, _frame: object) -> NoReturn:
    """Turn every way of asking us to stop into the same exception."""
    raise KeyboardInterrupt


def main(arguments: list[str]) -> None:
    """Start everything, watch it, and stop everything."""
    options = parse(arguments)
    if options.check:
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupt)
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.umask(0o077)  # what citizens hand in is readable by the portal's own user only
    handle = lock(options.data)
    listener = listen(options.host, options.port)
    running: list[Child] = []
    try:
        env = environment.build(options, port=listener.getsockname()[1])
        prepare(options, env)
        running = children(options, env, listener)
        supervise(running, options, env, listener)
    except environment.StartRefused as error:
        refuse(str(error))
    except KeyboardInterrupt:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        say("Stopping")
    finally:
        stop(running)
        os.close(handle)


if __name__ == "__main__":
    main(sys.argv[1:])

"""The portal behind its real web server, as an installation starts it."""

import base64
import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.rig.processes import ROOT
from tests.rig.waiting import until

KEY = base64.b64encode(b"a key that only tests ever hold!").decode()


def settings(folder: Path, **changes: str) -> dict[str, str]:
    """The environment of a site in this folder."""
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "SECRET_KEY": "a secret that only tests ever hold",
        "DATA_KEYS": f"k1:{KEY}",
        "DEMO": "1",
        "WEB_CONCURRENCY": "2",
    } | changes


class Served:
    """Gunicorn with our configuration, on a port of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.log = Path(environment["DATA_DIR"]) / "server.log"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        descriptor = self.listener.fileno()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
                    *("--bind", f"fd://{descriptor}"),
                ],
                cwd=ROOT,
                env=self.environment,
                pass_fds=[descriptor],
                stderr=log,
                start_new_session=True,
            )
        until(self.is_alive, "gunicorn answers", within=60)

    def __exit__(self, *_reason: object) -> None:
        os.killpg(self.process.pid, signal.SIGQUIT)  # at once: nobody is being served any more
        self.process.wait(timeout=30)
        self.listener.close()

    def connect(self) -> http.client.HTTPConnection:
        """A connection as a browser would make it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def is_alive(self) -> bool:
        assert self.process.poll() is None, "gunicorn ended by itself"
        connection = self.connect()
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

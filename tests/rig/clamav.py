"""A real ClamAV daemon for the tests, that knows one signature: nothing is fetched for it."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from tests.rig.ceph import free_ports
from tests.rig.waiting import until

# The industry's harmless test file, in parts: whole, it would have this very repository put away.
EICAR = b"".join(
    (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}", b"$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!$H+H*")
)
NAME = "Tests.Eicar"
CONF = """Foreground yes
DatabaseDirectory {folder}/signatures
TCPAddr 127.0.0.1
TCPSocket {port}
LocalSocket {folder}/socket
TemporaryDirectory {folder}
StreamMaxLength {most}
"""


class Clamd:
    """One daemon; start, stop, pause and resume it at will: its address stays."""

    def __init__(self, most: str = "30M") -> None:
        assert shutil.which("clamd"), "ClamAV is not installed; script/test installs it."
        self.folder = Path(tempfile.mkdtemp(prefix="portal-clamd-"))
        (self.folder / "signatures").mkdir()
        (self.folder / "signatures/tests.ndb").write_text(f"{NAME}:0:*:{EICAR.hex()}\n")
        self.port = free_ports(1)[0]
        self.url, self.local_url = f"tcp://127.0.0.1:{self.port}", f"unix://{self.folder}/socket"
        conf = CONF.format(folder=self.folder, port=self.port, most=most)
        (self.folder / "clamd.conf").write_text(conf)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            command = ["clamd", "--config-file", str(self.folder / "clamd.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self.is_there, "the virus scanner answers")

    def is_there(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def memory(self) -> int:
        """Bytes it holds now."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def pause(self) -> None:
        """It goes deaf: connections are made and nothing is answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        """For good."""
        self.stop()
        shutil.rmtree(self.folder)

"""A real S3 server for the tests: Ceph's gateway over one monitor and one store in memory."""

import base64
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import boto3
from botocore.config import Config

from tests.rig.waiting import until

ACCESS, SECRET, REGION = "AKTESTS", "only-tests-ever-hold-this", "us-east-1"
CONF = """[global]
fsid = {fsid}
mon host = {monitor}
public addr = 127.0.0.1
keyring = {folder}/keyring
run dir = {folder}
admin socket =
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
osd objectstore = memstore
memstore device bytes = 2147483648
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
paxos propose interval = 0.02
paxos min wait = 0.01
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw enable apis = s3
rgw thread pool size = 32
"""
KEYRING = """[mon.]
key = {}
caps mon = "allow *"
[client.admin]
key = {}
caps mon = "allow *"
caps osd = "allow *"
[osd.0]
key = {}
caps mon = "allow profile osd"
caps osd = "allow *"
"""


class CephServer:
    """One gateway on a free port of this machine; nothing of it outlives the run."""

    def __init__(self) -> None:
        assert shutil.which("radosgw"), "Ceph is not installed; script/test installs it."
        self.folder = Path(tempfile.mkdtemp(prefix="portal-ceph-"))
        self.running: list[subprocess.Popen[bytes]] = []
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        ports = free_ports(3)
        monitor = f"[v2:127.0.0.1:{ports[0]},v1:127.0.0.1:{ports[1]}]"
        self.endpoint = f"http://127.0.0.1:{ports[2]}"
        fsid, osd = str(uuid4()), str(uuid4())
        (self.folder / "osd").mkdir()
        (self.folder / "mon").mkdir()
        self._write(
            "ceph.conf", CONF.format(fsid=fsid, monitor=monitor, folder=self.folder, port=ports[2])
        )
        self._write("keyring", KEYRING.format(new_key(), new_key(), new_key()))
        map_, keyring = str(self.folder / "monmap"), str(self.folder / "keyring")
        self.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", monitor, map_)
        self.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map_, "--keyring", keyring)
        self.leave("ceph-mon", "-i", "a")
        self.run("ceph", "--connect-timeout", "60", "osd", "new", osd)
        # Without the very number it was promised under, the store is never let in.
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self.leave("ceph-osd", "-i", "0")
        name = ("--uid", "tests", "--display-name", "tests")
        keys = ("--access-key", ACCESS, "--secret-key", SECRET)
        self.run("radosgw-admin", "--no-mon-config", "user", "create", *name, *keys)
        self.leave("radosgw", "-n", "client.admin", "--no-mon-config")
        until(self._answers, "the gateway answers", within=90)

    def url(self, bucket: str, endpoint: str | None = None) -> str:
        """The OBJECT_STORE_URL of a new bucket; through a proxy if `endpoint` names one."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
            config=Config(
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        client.create_bucket(Bucket=bucket)
        return f"s3://{bucket}/kho?endpoint_url={endpoint or self.endpoint}&region={REGION}"

    @property
    def credentials(self) -> dict[str, str]:
        """What boto3 looks for in the environment."""
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}

    def run(self, program: str, *arguments: str) -> None:
        """Run one of Ceph's programs to its end."""
        done = subprocess.run(
            self._command(program, *arguments), capture_output=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode(errors='replace')}"

    def leave(self, program: str, *arguments: str) -> None:
        """Leave one of them running; it ends with us, however that comes about."""
        ends_with_us = ("setpriv", "--pdeathsig", "KILL")
        process = subprocess.Popen(
            [*ends_with_us, *self._command(program, *arguments), "-f"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)

    def stop(self) -> None:
        for process in reversed(self.running):
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def memory(self) -> int:
        """Bytes held by all of it."""
        pages = (Path(f"/proc/{p.pid}/statm").read_text().split()[1] for p in self.running)
        return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE")

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [program, "-c", str(self.folder / "ceph.conf"), *arguments]

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="ascii")

    def _answers(self) -> bool:
        assert all(p.poll() is None for p in self.running), f"Ceph ended; see {self.folder}"
        try:
            socket.create_connection(("127.0.0.1", int(self.endpoint.rpartition(":")[2]))).close()
        except ConnectionRefusedError:
            return False
        return True


def new_key() -> str:
    """A secret in the shape Ceph wants: kind, moment, length, 16 random bytes."""
    head = struct.pack("<hIIh", 1, int(time.time()), 0, 16)
    return base64.b64encode(head + os.urandom(16)).decode()


def free_ports(count: int) -> list[int]:
    """Ports that nobody has just now."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports

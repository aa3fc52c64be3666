"""A copy made while people write holds all they had been told, and can be worked with."""

import hashlib
import os
import re
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask import Flask

from portal import schema
from portal.access import Role
from portal.app import create_app
from portal.documents.models import DocumentFile
from portal.dossiers.lifecycle import Status
from portal.extensions import db
from portal.settings import read_settings
from tests.factories.office import Office
from tests.factories.world import PASSWORD, make_world
from tests.portal.copying.conftest import Elsewhere, run
from tests.portal.copying.writers import Writer, lost
from tests.rig.ceph import CephServer
from tests.rig.outside import OutsideClient
from tests.rig.processes import ROOT, PortalProcess
from tests.rig.reader import Reader

WORDS = "Giấy xác nhận cư trú của ông Mẫu"


def page_of_operations() -> list[str]:
    """The commands about copies in docs/operations.md, block by block, as they are written."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    chapter = text.partition("## Copies")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)


def a_site(folder: Path) -> Flask:
    """A data folder as script/server leaves it, with nothing in it yet."""
    folder.mkdir()
    key = b64encode(secrets.token_bytes(32)).decode()
    (folder / "secret_key").write_text(secrets.token_urlsafe(48))
    (folder / "data_keys").write_text(f"k1:{key}")
    (folder / "kind").write_text("demo\n")  # the demo asks for no second factor
    schema.upgrade(f"sqlite:///{folder}/portal.db")
    return opened(folder)


def opened(folder: Path) -> Flask:
    """The application on a data folder, beside whatever else runs on it."""
    secrets_ = {name.upper(): (folder / name).read_text() for name in ("secret_key", "data_keys")}
    return create_app(read_settings({"DATA_DIR": str(folder), "DEMO": "1"} | secrets_))


def commands(blocks: list[str], **places: str) -> None:
    """Run blocks of the page one after the other, stopping at the first that fails."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", "\n".join(blocks)],
        cwd=ROOT,
        env={"PATH": path, "HOME": places["DATA"], "LC_ALL": "C.UTF-8", **places},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_of_operations_brings_a_site_back_to_work(
    tmp_path: Path, start_portal: Callable[..., PortalProcess]
) -> None:
    site, blocks = a_site(tmp_path / "first"), page_of_operations()
    with site.test_request_context():
        office = Office(site, make_world())
    dossier = office.dossier(Status.PROCESSING)
    office.page(dossier, WORDS)
    officer = office.actor(Role.OFFICER)
    assert run(site, "audit", "seal")[0] == 0
    places = {"DATA": "first", "COPIES": "copies", "KEYS": "keys", "NEW": "new"}
    told = {name: str(tmp_path / place) for name, place in places.items()}
    assert [block.split()[0] for block in blocks] == [":", "install", "flask", ":", ":"]
    with Writer(site, office.world) as writer:
        writer.wait_for(5)
        promised = dict(writer.ledger)
        commands(blocks, **told)
        writer.wait_for(1)
        assert len(writer.ledger) > len(promised)
    restored = opened(tmp_path / "new")
    assert lost(restored, promised) == []
    assert list((tmp_path / "new/checkpoints").glob("*.jsonl"))
    again = start_portal(like=tmp_path / "new")
    work_goes_on(again.url, officer.email, restored)
    for app in (site, restored):
        with app.app_context():
            db.engine.dispose()


def work_goes_on(url: str, email: str, restored: Flask) -> None:
    """Sign in, find the dossier by a word on its page, and get the very file that was sent."""
    client = OutsideClient(url)
    reader = Reader(client)  # type: ignore[arg-type] # it has the manners of Flask's client
    reader.open("/dang-nhap").send("password", email=email, password=PASSWORD)
    reader.open("/can-bo/tim?q=cu+tru")
    assert "Nguyễn Thị Mẫu" in reader.page
    with restored.app_context():
        file = db.session.query(DocumentFile).filter_by(name="tờ khai.pdf").one()
    got = client.get(f"/giay-to/tep/{file.public_id}/goc")
    assert got.status_code == 200, got.text
    assert hashlib.sha256(got.data).hexdigest() == file.original_sha256


def test_postgresql_and_a_bucket_come_back_too(
    ceph: CephServer, bucket: str, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    first = elsewhere("postgresql", OBJECT_STORE_URL=bucket)
    schema.upgrade(first.config["SETTINGS"].database_url)
    with first.test_request_context():
        office = Office(first, make_world())
    office.page(office.dossier(), WORDS)
    other_bucket = ceph.url(f"{urlsplit(bucket).netloc}-new")
    assert parse_qs(urlsplit(other_bucket).query) == parse_qs(urlsplit(bucket).query)
    second = elsewhere("postgresql", OBJECT_STORE_URL=other_bucket)
    with Writer(first, office.world) as writer:
        writer.wait_for(5)
        promised = dict(writer.ledger)
        status, told = run(first, "backup", str(tmp_path / "copy"))
        assert status == 0, told
        writer.wait_for(1)
    status, told = run(second, "restore", str(tmp_path / "copy"))
    assert status == 0, told
    assert lost(second, promised) == []
    assert run(second, "verify")[0] == 0

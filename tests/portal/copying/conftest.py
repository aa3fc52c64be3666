"""A site with something in it, and an empty one to bring its copy back to."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import cli
from portal.access import Role
from portal.app import create_app
from portal.db import transaction
from portal.documents import search
from portal.documents.models import DocumentPage
from portal.documents.store import put
from portal.extensions import db
from tests.conftest import settings
from tests.factories.papers import bare_file, the_file
from tests.factories.world import World, make_dossier, make_world

Elsewhere = Callable[..., Flask]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.test_request_context():
        yield make_world()


@pytest.fixture
def filled(app: Flask, world: World) -> str:
    """Two dossiers with a file each, one of them read; the public id of that file."""
    make_stored_file(world)
    public_id = make_stored_file(world)
    with transaction() as session:
        file = the_file(public_id)
        image, thumb = put(b"an image", "image/webp"), put(b"a thumb", "image/webp")
        page = DocumentPage(
            file_id=file.id,
            number=1,
            width_px=1,
            height_px=1,
            dpi=300,
            image_key=image.key,
            image_sha256=image.sha256,
            thumb_key=thumb.key,
            thumb_sha256=thumb.sha256,
            text="Giấy xác nhận tình trạng hôn nhân",
            codes=[{"kind": "QRCode", "text": 'Đ\u200b\t"\\'}],
        )
        session.add(page)
        session.flush()
        search.index_page(page)
    return public_id


@pytest.fixture
def copy(app: Flask, filled: str, tmp_path: Path) -> Path:
    """A copy of the site, just made."""
    folder = tmp_path / "copies" / "first"
    assert run(app, "audit", "seal")[0] == 0
    status, told = run(app, "backup", str(folder))
    assert status == 0, told
    assert "2 dossiers" in told
    return folder


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "copy"


@pytest.fixture
def some_copy(request: pytest.FixtureRequest, kept: Path, tmp_path: Path) -> Path:
    """A copy to be harmed or refused: made once, for what it was made of does not matter."""
    if not kept.exists():
        shutil.copytree(request.getfixturevalue("copy"), kept)
    return Path(shutil.copytree(kept, tmp_path / "some"))


def make_stored_file(world: World) -> str:
    """A file of a new dossier, of bytes that nobody would read."""
    dossier = make_dossier(world, world.actor(Role.POSTAL_CLERK))
    stored = put(dossier.encode(), "image/jpeg")
    with transaction():
        public_id = bare_file(dossier)
        file = the_file(public_id)
        file.original_key, file.original_sha256 = stored.key, stored.sha256
    return public_id


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, database_kind: str, tmp_path: Path
) -> Iterator[Elsewhere]:
    """elsewhere() is another machine with nothing on it; name settings to change them."""
    made: list[Flask] = []
    urls: list[str] = []

    def make(kind: str = database_kind, **changes: str) -> Flask:
        data = tmp_path / f"elsewhere-{len(made)}"
        url = f"sqlite:///{data}/portal.db"
        if kind == "postgresql":
            server = request.getfixturevalue("postgres")
            server.drop(data.name)
            url = server.create(data.name)
            urls.append(data.name)
        made.append(create_app(settings(data, url, **changes)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()
    for name in urls:
        request.getfixturevalue("postgres").drop(name)


def run(app: Flask, *command: str) -> tuple[int, str]:
    """A command of an operator: its status, and all it said."""
    if "backup" not in app.cli.commands:
        cli.hang(app)
    with app.app_context():  # or the command would take whichever application is at hand
        result = app.test_cli_runner().invoke(args=list(command))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output

"""Papers handed in for tests: drawn pages, uploads, files that wait to be read."""

import io

from werkzeug.datastructures import FileStorage

from portal import clock
from portal.access import Role
from portal.db import transaction
from portal.documents import services
from portal.documents.models import DocumentFile
from portal.dossiers.models.dossier import Dossier
from portal.extensions import db
from tests.drawing.pages import draw_page
from tests.factories.world import World, make_dossier


def upload(data: bytes, name: str = "don.jpg") -> FileStorage:
    """A file as a browser sends it."""
    return FileStorage(io.BytesIO(data), filename=name)


def drawn(seed: int = 1, dpi: int = 150) -> bytes:
    """A clean page with words on it."""
    return draw_page(seed, dpi=dpi).data


def make_file(
    world: World, data: bytes | None = None, name: str = "don.jpg", dossier: str | None = None
) -> str:
    """A file attached to the first paper of a dossier; returns its public id."""
    clerk = world.actor(Role.POSTAL_CLERK)
    public_id = dossier or make_dossier(world, clerk)
    taken = services.take(upload(data or drawn(), name), "files")
    with transaction():
        owner = db.session.query(Dossier).filter_by(public_id=public_id).one()
        document = services.ensure_documents(owner)[0]
        return services.attach(document, taken, by=clerk, at=clock.now()).public_id


def bare_file(dossier: str) -> str:
    """A file row without bytes, for what only looks at rows; inside the caller's transaction."""
    owner = db.session.query(Dossier).filter_by(public_id=dossier).one()
    file = DocumentFile(
        document=services.ensure_documents(owner)[0],
        name="don.jpg",
        content_type="image/jpeg",
        size=1,
        original_key=f"aa/bb/{owner.public_id.lower()}",
        original_sha256="0" * 64,
        taken_at=clock.now(),
    )
    db.session.add(file)
    db.session.flush()
    return file.public_id


def the_file(public_id: str) -> DocumentFile:
    """The file as the database has it now."""
    return db.session.query(DocumentFile).filter_by(public_id=public_id).one()

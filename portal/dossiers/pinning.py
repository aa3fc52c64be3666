"""A draft follows the procedure until it is sent; what is sent keeps its version for ever."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.catalogue import queries as catalogue
from portal.documents.models import Document, DocumentPurpose
from portal.documents.services import ensure_documents
from portal.dossiers.models.dossier import Dossier
from portal.errors import Invalid


def follow_procedure(dossier: Dossier) -> bool:
    """Move a draft to the version in force; whether anything had changed.

    Papers of the same name keep their files; files of papers nobody asks for any more stay in
    the dossier as voluntary ones. Raises Invalid where the procedure has no version any more.
    """
    version = catalogue.in_force(dossier.procedure_version.procedure.code)
    if version is None:
        raise Invalid("procedure", _("Thủ tục này không còn hiệu lực nên không gửi được nữa."))
    if version.id == dossier.procedure_version_id:
        return False
    dossier.procedure_version = version
    by_name = {component.name: component.id for component in version.components}
    for document in dossier.documents:
        if document.purpose is DocumentPurpose.COMPONENT:
            _move(document, by_name.pop(document.title, None))
    ensure_documents(dossier)
    return True


def _move(document: Document, component_id: int | None) -> None:
    document.component_id = component_id
    if component_id is None:
        document.purpose = DocumentPurpose.VOLUNTARY


def changed_meanwhile() -> str:
    """What the citizen is told when this happened at the moment of sending."""
    return _(
        "Thủ tục vừa được cập nhật nên bản nháp đã chuyển sang quy định mới. "
        "Ông/Bà xem lại rồi gửi."
    )

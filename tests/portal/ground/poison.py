"""Makes an attack of every word that people can type, read or name, and sees what came alive."""

import io
import json
from typing import Any

import pikepdf
import tinyhtml5
from flask import Flask
from sqlalchemy import JSON, Enum, String, Text

from portal import schema
from portal.db import transaction
from portal.documents import store
from portal.documents.models import DocumentFile, DocumentPage
from portal.dossiers.declared import GENERIC
from portal.dossiers.models.dossier import Dossier
from portal.dossiers.models.notices import SupplementRequest
from portal.postal.models import PostalItem
from tests.factories.office import webp
from tests.portal.ground.payloads import ALL, MARK

# Columns by which something is found or counted; what is typed never gets into them as it is.
FINDS = frozenset(
    (
        *("code", "kind", "state", "mark", "key", "act", "object_key", "path", "version_num"),
        *("parent_code", "province_code", "commune_code", "return_commune_code", "unit_code"),
        *("organisation_code", "agency_code", "public_id", "email", "password_hash", "sha256"),
        *("token_hash", "content_hash", "request_hash", "unique_key", "event_key", "subject_kind"),
        *("content_type", "text_source", "time_cutoff", "missed_reason", "failure_reason"),
    )
)
# What the portal itself writes into a column that has a typed word's name elsewhere.
OWN_REASONS = ("jobs", "document_files", "outbox_messages")
# The log takes no change; what people are called gets into it as they act.
SEALED_OFF = ("audit_events", "audit_seals", "outbox_messages", "code_counters", "item_counters")
ADDRESSES = ("href", "src", "action", "formaction", "data", "srcdoc", "poster", "cite", "content")


def live(page: str) -> list[str]:
    """Everything in a page that a mark has made into more than words."""
    found = []
    for element in tinyhtml5.parse(page, namespace_html_elements=False).iter():
        tag = element.tag if isinstance(element.tag, str) else "comment"
        if MARK in tag or (tag in ("script", "style", "comment") and MARK in (element.text or "")):
            found.append(f"<{tag}> {element.text}")
        for name, value in element.attrib.items():
            scheme = "".join(value.split()).lower().partition(":")[0]
            dangerous = name in ADDRESSES and scheme in ("javascript", "data", "vbscript")
            acts = name.startswith(("on", "hx-on")) or (dangerous and MARK in value)
            if MARK in name or (acts and MARK in value):
                found.append(f"{tag} {name}={value}")
    return found


def alive_in(data: bytes) -> list[str]:
    """Actions, scripts, attachments and links of a PDF that it should not have."""
    wrong = []
    with pikepdf.open(io.BytesIO(data)) as paper:
        for one in paper.objects:
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                wrong += [name for name in ("/JS", "/AA", "/Launch", "/OpenAction") if name in one]
                kind = str(one.get("/S", ""))
                wrong += [kind] if kind in ("/JavaScript", "/Launch", "/SubmitForm") else []
                uri = str(one.get("/URI", ""))
                wrong += [uri] if uri.lower().startswith(("javascript", "data", "vbscript")) else []
    return wrong


def poison(app: Flask) -> None:
    """Write the attacks into every row there is."""
    with app.app_context(), transaction() as session:
        for table in schema.metadata.sorted_tables:
            words = {column.name: ALL for column in table.columns if takes_words(table, column)}
            if words and table.name not in SEALED_OFF:
                session.execute(table.update().values(words))
        for item in session.query(PostalItem):
            item.papers = [paper | {"title": ALL} for paper in item.papers]
        for request in session.query(SupplementRequest):
            request.items = [one | {"text": ALL} for one in request.items]
        picture = store.put(webp(62, 88), "image/webp")
        for page in session.query(DocumentPage):
            page.problems = [ALL]
            page.image_key = page.thumb_key = picture.key  # some worlds have rows without pictures
            page.image_sha256 = page.thumb_sha256 = picture.sha256
        for file in session.query(DocumentFile):
            original = store.put(b"%PDF-1.7 as it came", "application/pdf")
            file.original_key, file.original_sha256 = original.key, original.sha256
            file.warnings = [ALL]
            signed = {"signer": ALL, "covers_whole_file": True, "intact": True, "trusted": False}
            file.signatures = [signed]
            file.fields = [one | {"value": ALL} for one in file.fields]
        for dossier in session.query(Dossier):
            dossier.answers_text = answers(dossier)


def takes_words(table: Any, column: Any) -> bool:
    """Whether a person, a paper or a file could have brought what stands in this column."""
    kind = column.type
    if isinstance(kind, Enum | JSON) or not isinstance(kind, String | Text):
        return False
    if column.foreign_keys or column.primary_key or column.name in FINDS:
        return False
    if column.name == "reason" and table.name in OWN_REASONS:
        return False
    return not column.name.endswith(("_index", "_sha256", "_key"))


def answers(dossier: Dossier) -> str:
    """An attack in every answer of the form that may hold words."""
    pages = (dossier.procedure_version.form or GENERIC)["pages"]
    fields = [one for page in pages for one in page.get("fields", [])]
    return json.dumps({one["name"]: ALL for one in fields if one.get("name")})

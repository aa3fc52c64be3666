"""Of a sealed dossier no word about its person stays plain, in columns of today and of tomorrow."""

import json

from sqlalchemy import JSON, Enum, String

from portal.db import transaction
from portal.documents.models import DocumentFile
from portal.dossiers.models.sealed import SealedDossier
from portal.dossiers.sealing import INDEXES, WORDS
from portal.extensions import db
from portal.schema import metadata
from tests.factories.country import Country
from tests.portal.dossiers.test_leaving import leaves, withdrawn

# Codes, keys, tags, places and the names of those who worked on it: nothing of its person.
STAYS = {
    "clock_pauses": {"kind"},
    "control_sheet_lines": {"giver_place", "taker_place", "bill_no", "standing"},
    "custody_lines": {"bill_no", "place"},
    "deliveries": {"failure_reason", "recipient_relation", "delivered_by"},
    "document_files": {"content_type", "reason", "warnings", "virus_name", "fields"}
    | {"original_key", "original_sha256", "archive_key", "archive_sha256"}
    | {"searchable_key", "searchable_sha256"},
    "dossier_events": {"act", "role", "place"},
    "dossiers": {"code", "commune_code", "return_commune_code"},
    "outcomes": {"decided_by"},
    "pickups": {"code", "commune_code", "collected_by"},
    "postal_items": {"code", "seal_number", "sealed_by"},
    "receipts": {"explanation", "issued_by", "form_set"},
    "refusals": {"issued_by"},
    "scan_orders": {"reason", "sentence"},
    "supplement_requests": {"issued_by"},
}
# Erased with all their rows: what was read out of the papers, and the work on it. What is read of
# fields is emptied in its row.
ERASED = {"document_pages", "held_pages", "jobs"}


def test_each_column_with_words_is_sealed_or_named_here() -> None:
    family = {"dossiers"}
    for table in metadata.sorted_tables:
        if any(key.column.table.name in family for key in table.foreign_keys):
            family.add(table.name)
    forgotten = {
        f"{name}.{column.name}"
        for name in family - ERASED
        for column in metadata.tables[name].columns
        if isinstance(column.type, String | JSON)
        and not isinstance(column.type, Enum)
        and column.name != "public_id"
        and column.name not in {*WORDS.get(name, ()), *INDEXES.get(name, ())}
        and column.name not in STAYS.get(name, set())
    }
    assert forgotten == set()


def test_who_signed_a_paper_is_sealed_with_it(country: Country) -> None:
    """A citizen signs his own papers: the name of the signer is his."""
    citizen = country.citizen()
    withdrawn(country, citizen)
    signature = {"signer": "Nguyễn Thị Ký", "intact": True}
    with country.app.app_context(), transaction() as session:
        session.query(DocumentFile).one().signatures = [signature]
    leaves(citizen)
    with country.app.app_context():
        assert db.session.query(DocumentFile).one().signatures == []
        (sealed,) = db.session.query(SealedDossier)
        (words,) = json.loads(sealed.content or "")["document_files"].values()
        assert words["signatures"] == [signature]

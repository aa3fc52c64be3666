"""where files were taken

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

# The log knows in which role, so at which desk, somebody took each file.
FROM_THE_LOG = """
UPDATE document_files SET taken_place_id = (
    SELECT min(a.organisation_id) FROM audit_events a
    JOIN documents d ON d.dossier_id = a.dossier_id
    WHERE d.id = document_files.document_id
    AND a.act = 'file:take' AND a.subject_id = document_files.public_id
)
"""


def upgrade() -> None:
    op.execute(
        "ALTER TABLE document_files ADD COLUMN taken_place_id INTEGER "
        "CONSTRAINT fk_document_files_taken_place_id_organisations REFERENCES organisations (id)"
    )
    op.execute(FROM_THE_LOG)


def downgrade() -> None:
    op.drop_column('document_files', 'taken_place_id')

"""drafts age

The owner of a draft is told before it goes, and drafts are found by their age.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

IS_DRAFT = sa.text("status = 'draft'")


def upgrade() -> None:
    op.add_column('dossiers', sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        'ix_dossiers_drafts',
        'dossiers',
        ['touched_at', 'created_at'],
        postgresql_where=IS_DRAFT,
        sqlite_where=IS_DRAFT,
    )


def downgrade() -> None:
    op.drop_index('ix_dossiers_drafts', 'dossiers')
    op.drop_column('dossiers', 'warned_at')

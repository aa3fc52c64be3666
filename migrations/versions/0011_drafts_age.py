"""drafts age

The owner of a draft is told before it goes, and drafts are found by their age.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from portal import gently

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

def upgrade() -> None:
    with gently.steps():
        warned = sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True)
        gently.add_column('dossiers', warned)
        gently.create_index(
            'ix_dossiers_drafts',
            'dossiers',
            ('touched_at', 'created_at'),
            where="status = 'draft'",
        )


def downgrade() -> None:
    op.drop_index('ix_dossiers_drafts', 'dossiers')
    op.drop_column('dossiers', 'warned_at')

"""separators

A sheet between papers is known as such: it is kept and shown, and is no page of a paper.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from portal import gently

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with gently.steps():
        separator = sa.Column(
            'is_separator', sa.Boolean(), nullable=False, server_default=sa.false()
        )
        gently.add_column('document_pages', separator)


def downgrade() -> None:
    op.drop_column('document_pages', 'is_separator')

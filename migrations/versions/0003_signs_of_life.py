"""signs of life

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'worker_beats',
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('lacks', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_worker_beats')),
    )
    op.create_index(op.f('ix_worker_beats_seen_at'), 'worker_beats', ['seen_at'])


def downgrade() -> None:
    op.drop_index(op.f('ix_worker_beats_seen_at'), table_name='worker_beats')
    op.drop_table('worker_beats')

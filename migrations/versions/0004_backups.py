"""backups

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'backups',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('folder', sa.Text(), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('rows', sa.BigInteger(), nullable=False),
        sa.Column('objects', sa.BigInteger(), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_backups')),
    )
    op.create_index(op.f('ix_backups_seen_at'), 'backups', ['seen_at'])
    op.create_index(op.f('ix_backups_finished_at'), 'backups', ['finished_at'])


def downgrade() -> None:
    op.drop_index(op.f('ix_backups_finished_at'), table_name='backups')
    op.drop_index(op.f('ix_backups_seen_at'), table_name='backups')
    op.drop_table('backups')

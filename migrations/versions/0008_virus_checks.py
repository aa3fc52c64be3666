"""virus checks

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

TABLES = ('document_files', 'parked_files')


def upgrade() -> None:
    for table in TABLES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN virus_check VARCHAR(40) DEFAULT 'not_scanned' NOT NULL "
            f"CONSTRAINT ck_{table}_virus_check "
            "CHECK (virus_check IN ('not_scanned', 'waiting', 'clean', 'infected'))"
        )
    op.add_column('document_files', sa.Column('virus_name', sa.String(length=120), nullable=True))
    op.add_column(
        'document_files', sa.Column('virus_checked_at', sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        'quarantined_files',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('object_key', sa.String(length=80), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('virus_name', sa.String(length=120), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ['user_id'], ['users.id'], name=op.f('fk_quarantined_files_user_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_quarantined_files')),
        sa.UniqueConstraint('object_key', name=op.f('uq_quarantined_files_object_key')),
        sa.UniqueConstraint('public_id', name=op.f('uq_quarantined_files_public_id')),
    )
    op.create_index(op.f('ix_quarantined_files_found_at'), 'quarantined_files', ['found_at'])


def downgrade() -> None:
    op.drop_table('quarantined_files')
    op.drop_column('document_files', 'virus_checked_at')
    op.drop_column('document_files', 'virus_name')
    for table in TABLES:
        op.drop_column(table, 'virus_check')

"""what is sure

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None



def version_columns():
    return (
        sa.Column('summary', sa.Text(), nullable=False, server_default=''),
        sa.Column('notice', sa.Text(), nullable=False, server_default=''),
        sa.Column('fee_amount_online', sa.Integer(), nullable=True),
        sa.Column('fee_per', sa.String(length=20), nullable=False, server_default='dossier'),
        sa.Column('fee_exemptions', sa.JSON(), nullable=False, server_default='[]'),
        sa.Column('post_note', sa.Text(), nullable=False, server_default=''),
    )


CHOICES = (('procedure_versions', 'online_sureness'), ('components', 'sureness'))


def upgrade() -> None:
    for column in version_columns():
        op.add_column('procedure_versions', column)
    # In plain SQL: SQLite adds a CHECK only with its column, and a batch would lose the others.
    for table, column in CHOICES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(40) DEFAULT 'unsure' NOT NULL "
            f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ('sure', 'known', 'unsure'))"
        )


def downgrade() -> None:
    for table, column in CHOICES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for column in reversed(version_columns()):
        op.drop_column('procedure_versions', column.name)

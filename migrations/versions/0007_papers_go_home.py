"""papers go home

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# Who holds the papers of envelopes that were on the road before custody was written down.
AT_AGENCY = """
INSERT INTO custody_lines (dossier_id, bill_no, holder, place, name, pages, since)
SELECT i.dossier_id, i.code, 'agency', o.name, h.taker_name, l.pages, h.at
FROM handover_lines l
JOIN handovers h ON h.id = l.handover_id
JOIN postal_items i ON i.id = l.item_id
JOIN organisations o ON o.id = h.taker_place_id
WHERE h.state = 'signed' AND l.is_accepted
"""
AT_POST = """
INSERT INTO custody_lines (dossier_id, bill_no, holder, place, name, pages, since)
SELECT i.dossier_id, i.code, 'post', o.name, i.sealed_by, NULL, i.created_at
FROM postal_items i
JOIN organisations o ON o.id = i.post_office_id
WHERE i.direction = 'to_agency' AND i.state IN ('at_counter', 'sealed')
"""


def upgrade() -> None:
    op.create_table(
        'custody_lines',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('dossier_id', sa.Integer(), nullable=False),
        sa.Column('bill_no', sa.String(length=40), nullable=False),
        sa.Column('holder', sa.String(length=40), nullable=False),
        sa.Column('place', sa.String(length=200), nullable=False),
        sa.Column('name', sa.String(length=120), nullable=False),
        sa.Column('pages', sa.Integer(), nullable=True),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.Column('until', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "holder IN ('post', 'agency', 'applicant')", name=op.f('ck_custody_lines_holder')
        ),
        sa.ForeignKeyConstraint(
            ['dossier_id'], ['dossiers.id'], name=op.f('fk_custody_lines_dossier_id_dossiers')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_custody_lines')),
    )
    op.create_index('ix_custody_lines_dossier', 'custody_lines', ['dossier_id', 'until'])
    op.execute(
        "ALTER TABLE postal_items ADD COLUMN cargo VARCHAR(40) DEFAULT 'dossier' NOT NULL "
        "CONSTRAINT ck_postal_items_cargo CHECK (cargo IN ('dossier', 'result', 'papers'))"
    )
    op.execute("UPDATE postal_items SET cargo = 'result' WHERE direction = 'to_citizen'")
    op.add_column('deliveries', sa.Column('pages', sa.Integer(), nullable=True))
    op.execute(AT_AGENCY)
    op.execute(AT_POST)


def downgrade() -> None:
    op.drop_column('deliveries', 'pages')
    op.execute("ALTER TABLE postal_items DROP COLUMN cargo")
    op.drop_index('ix_custody_lines_dossier', table_name='custody_lines')
    op.drop_table('custody_lines')

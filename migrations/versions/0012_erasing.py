"""erasing

Accounts may be emptied, ended dossiers of their people sealed, and what was erased is listed.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from portal import gently

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with gently.steps():
        erased = sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True)
        gently.add_column('users', erased)
        _erasures()
        _sealed()


def _erasures() -> None:
    gently.create_table(
        'erasures',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column(
            'kind',
            sa.Enum(
                'person', 'draft', name='erased', native_enum=False, create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column('subject', sa.String(length=24), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
        sa.UniqueConstraint('kind', 'subject', name=op.f('uq_erasures_kind_subject')),
    )


def _sealed() -> None:
    gently.create_table(
        'sealed_dossiers',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('dossier_id', sa.Integer(), nullable=False),
        sa.Column('receiving_unit_id', sa.Integer(), nullable=True),
        sa.Column('department_id', sa.Integer(), nullable=True),
        sa.Column('post_office_id', sa.Integer(), nullable=True),
        sa.Column('content_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_sealed_dossiers_{column}_{target.split('.')[0]}")
            )
            for column, target in (
                ('dossier_id', 'dossiers.id'),
                ('receiving_unit_id', 'organisations.id'),
                ('department_id', 'organisations.id'),
                ('post_office_id', 'organisations.id'),
            )
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sealed_dossiers')),
        sa.UniqueConstraint('dossier_id', name=op.f('uq_sealed_dossiers_dossier_id')),
        sa.UniqueConstraint('public_id', name=op.f('uq_sealed_dossiers_public_id')),
    )
    gently.create_index(
        'ix_sealed_dossiers_department', 'sealed_dossiers', ('department_id', 'id')
    )


def downgrade() -> None:
    op.drop_table('sealed_dossiers')
    op.drop_table('erasures')
    op.drop_column('users', 'erased_at')

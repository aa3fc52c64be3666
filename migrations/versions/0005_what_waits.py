"""what waits

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'parked_forms',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('membership_id', sa.Integer(), nullable=False),
        sa.Column('path', sa.Text(), nullable=False),
        sa.Column('content_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('parked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_parked_forms_user_id')),
        sa.ForeignKeyConstraint(
            ['membership_id'], ['memberships.id'], name=op.f('fk_parked_forms_membership_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_parked_forms')),
        sa.UniqueConstraint('public_id', name=op.f('uq_parked_forms_public_id')),
    )
    op.create_index(op.f('ix_parked_forms_user_id'), 'parked_forms', ['user_id'])
    op.create_index(op.f('ix_parked_forms_parked_at'), 'parked_forms', ['parked_at'])
    op.create_table(
        'parked_files',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('form_id', sa.Integer(), nullable=True),
        sa.Column('path', sa.Text(), nullable=False),
        sa.Column('field', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('content_type', sa.String(length=80), nullable=False),
        sa.Column('object_key', sa.String(length=80), nullable=True),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('pages', sa.Integer(), nullable=False),
        sa.Column('warnings', sa.JSON(), nullable=False),
        sa.Column('refusal', sa.Text(), nullable=False),
        sa.Column('parked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_parked_files_user_id')),
        sa.ForeignKeyConstraint(
            ['form_id'], ['parked_forms.id'], name=op.f('fk_parked_files_form_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_parked_files')),
        sa.UniqueConstraint('object_key', name=op.f('uq_parked_files_object_key')),
        sa.UniqueConstraint('public_id', name=op.f('uq_parked_files_public_id')),
    )
    op.create_index(op.f('ix_parked_files_user_id'), 'parked_files', ['user_id'])
    op.create_index(op.f('ix_parked_files_form_id'), 'parked_files', ['form_id'])
    op.create_index(op.f('ix_parked_files_parked_at'), 'parked_files', ['parked_at'])


def downgrade() -> None:
    op.drop_table('parked_files')
    op.drop_table('parked_forms')

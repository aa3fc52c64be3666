"""stations

A counter's computer with a scanner, what clerks want scanned there, and pages that wait until the
stack of their order is whole.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from portal import gently

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with gently.steps():
        _stations()
        _scan_orders()
        _held_pages()


def _stations() -> None:
    gently.create_table(
        'stations',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('post_office_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('code_hash', sa.String(length=64), nullable=True),
        sa.Column('code_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('token_hash', sa.String(length=64), nullable=True),
        sa.Column('scanner', sa.String(length=120), nullable=False),
        sa.Column('sources', sa.JSON(), nullable=False),
        sa.Column('made_by_id', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('paired_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(['made_by_id'], ['users.id'], name=op.f('fk_stations_made_by_id')),
        sa.ForeignKeyConstraint(
            ['post_office_id'], ['organisations.id'], name=op.f('fk_stations_post_office_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stations')),
        sa.UniqueConstraint('code_hash', name=op.f('uq_stations_code_hash')),
        sa.UniqueConstraint('public_id', name=op.f('uq_stations_public_id')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_stations_token_hash')),
    )
    gently.create_index('ix_stations_post_office_id', 'stations', ('post_office_id',))


def _scan_orders() -> None:
    gently.create_table(
        'scan_orders',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('station_id', sa.Integer(), nullable=False),
        sa.Column('dossier_id', sa.Integer(), nullable=False),
        sa.Column('document_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('membership_id', sa.Integer(), nullable=False),
        sa.Column(
            'state',
            sa.Enum(
                'waiting',
                'scanning',
                'stopped',
                'done',
                'cancelled',
                name='order_state',
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column('run', sa.Integer(), nullable=False),
        sa.Column(
            'source',
            sa.Enum(
                'feeder',
                'two_sided',
                'glass',
                name='source',
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            'mode',
            sa.Enum(
                'colour',
                'grey',
                name='colour_mode',
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column('pages', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(length=40), nullable=False),
        sa.Column('sentence', sa.Text(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ['document_id'], ['documents.id'], name=op.f('fk_scan_orders_document_id')
        ),
        sa.ForeignKeyConstraint(
            ['dossier_id'], ['dossiers.id'], name=op.f('fk_scan_orders_dossier_id')
        ),
        sa.ForeignKeyConstraint(
            ['membership_id'], ['memberships.id'], name=op.f('fk_scan_orders_membership_id')
        ),
        sa.ForeignKeyConstraint(
            ['station_id'], ['stations.id'], name=op.f('fk_scan_orders_station_id')
        ),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_scan_orders_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_scan_orders')),
        sa.UniqueConstraint('public_id', name=op.f('uq_scan_orders_public_id')),
    )
    gently.create_index('ix_scan_orders_document_id', 'scan_orders', ('document_id',))
    gently.create_index(
        'ix_scan_orders_dossier',
        'scan_orders',
        (
            'dossier_id',
            'state',
        ),
    )
    gently.create_index(
        'ix_scan_orders_left',
        'scan_orders',
        (
            'state',
            'moved_at',
        ),
    )
    gently.create_index(
        'ix_scan_orders_station',
        'scan_orders',
        (
            'station_id',
            'state',
        ),
    )
    gently.create_index('ix_scan_orders_user_id', 'scan_orders', ('user_id',))


def _held_pages() -> None:
    gently.create_table(
        'held_pages',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('document_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('object_key', sa.String(length=80), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('public_id', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ['document_id'], ['documents.id'], name=op.f('fk_held_pages_document_id')
        ),
        sa.ForeignKeyConstraint(
            ['order_id'], ['scan_orders.id'], name=op.f('fk_held_pages_order_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_held_pages')),
        sa.UniqueConstraint('object_key', name=op.f('uq_held_pages_object_key')),
        sa.UniqueConstraint('order_id', 'number', name=op.f('uq_held_pages_order_id_number')),
        sa.UniqueConstraint('public_id', name=op.f('uq_held_pages_public_id')),
    )
    gently.create_index('ix_held_pages_document_id', 'held_pages', ('document_id',))


def downgrade() -> None:
    for table in ('held_pages', 'scan_orders', 'stations'):
        op.drop_table(table)

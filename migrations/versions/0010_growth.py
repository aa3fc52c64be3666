"""growth

Counts are kept, the end of the work on a dossier stands in its row, and lists, figures and searches
have indexes that hold all they ask for.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from portal import gently

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

DUE = "coalesce(due_at, 'infinity')"
OWN = ('code', 'procedure_version_id', 'due_at', 'id')
TRAIL = (*OWN, 'officer_id')
FIGURES = (
    'code',
    'receiving_unit_id',
    'status',
    'procedure_version_id',
    'channel',
    'accepted_at',
    'finished_at',
    'ended_at',
    'due_at',
    'id',
)
NAMES = ('code', 'applicant_folded', 'applicant_name', 'status', 'id')
ADDED = {
    'unit_due': ('receiving_unit_id', 'status', DUE, *TRAIL),
    'unit_touched': ('receiving_unit_id', 'status', 'touched_at', *TRAIL),
    'unit_sent': ('receiving_unit_id', 'status', 'sent_at', *TRAIL),
    'department_due': ('department_id', 'status', DUE, *TRAIL),
    'department_touched': ('department_id', 'status', 'touched_at', *TRAIL),
    'officer_due': ('officer_id', 'status', DUE, *OWN),
    'department_figures': ('department_id', DUE, *FIGURES),
    'figures': (DUE, *FIGURES),
    'department_names': ('department_id', 'touched_at', *NAMES),
    'road': (
        'post_office_id',
        'status',
        'return_mode',
        'channel',
        'receiving_unit_id',
        'id',
    ),
    'unit_names': ('receiving_unit_id', 'touched_at', *NAMES),
}
DROPPED = {
    'ix_dossiers_unit_status': ['receiving_unit_id', 'status', 'id'],
    'ix_dossiers_department_status': ['department_id', 'status', 'id'],
    'ix_dossiers_due': ['status', 'due_at'],
    'ix_dossiers_officer_id': ['officer_id'],
    'ix_dossiers_post_office': ['post_office_id', 'status', 'id'],
}
STATUSES = (
    'draft',
    'registered',
    'rejected',
    'accepted',
    'processing',
    'supplement_required',
    'payment_required',
    'resolved',
    'returned',
    'withdrawn',
    'stopped',
)
OTHERS = (
    (
        'ix_postal_items_lying',
        'postal_items',
        ('post_office_id', 'state', 'cargo', 'dossier_id', 'id'),
    ),
    ('ix_postal_items_still', 'postal_items', ('state', 'moved_at', 'id', 'post_office_id')),
    ('ix_outbox_messages_sent', 'outbox_messages', ('state', 'sent_at')),
    ('ix_users_active', 'users', ('is_active',)),
)
FILLED = """
ended_at = coalesce(finished_at, (
    SELECT min(e.at) FROM dossier_events e
    WHERE e.dossier_id = dossiers.id AND e.to_status IN ('resolved', 'withdrawn', 'stopped')
)),
touched_at = coalesce(touched_at, created_at),
sent_at = coalesce(sent_at, CASE WHEN status <> 'draft' THEN created_at END)
"""
COUNTED = """
INSERT INTO dossier_counts
    (unit_id, department_id, status, officer_id, procedure_version_id, number)
SELECT receiving_unit_id, CASE WHEN forwarded_at IS NOT NULL THEN department_id END, status,
    CASE WHEN status = 'processing' THEN officer_id END, procedure_version_id, count(*)
FROM dossiers WHERE status <> 'draft' AND NOT EXISTS (SELECT 1 FROM dossier_counts)
GROUP BY receiving_unit_id, CASE WHEN forwarded_at IS NOT NULL THEN department_id END, status,
    CASE WHEN status = 'processing' THEN officer_id END, procedure_version_id
ORDER BY 1, 2, 3, 4, 5
"""


def upgrade() -> None:
    with gently.steps():
        ended = sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True)
        gently.add_column('dossiers', ended)
        gently.fill('dossiers', FILLED)
        for name, columns in ADDED.items():
            where = 'forwarded_at IS NOT NULL' if name.startswith('department') else ''
            gently.create_index(f'ix_dossiers_{name}', 'dossiers', columns, where=where)
        for name in DROPPED:
            gently.drop_index(name)
        gently.drop_index('ix_postal_items_office')
        for name, table, columns in OTHERS:
            gently.create_index(name, table, columns)
        gently.drop_index('ix_audit_events_act')
        gently.create_index('ix_audit_events_act', 'audit_events', ('act', 'id'))
        _counts()
        gently.run(COUNTED)


def _counts() -> None:
    allowed = ', '.join(f"'{status}'" for status in STATUSES)
    gently.create_table(
        'dossier_counts',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('unit_id', sa.Integer(), nullable=True),
        sa.Column('department_id', sa.Integer(), nullable=True),
        sa.Column('status', sa.String(length=40), nullable=False),
        sa.Column('officer_id', sa.Integer(), nullable=True),
        sa.Column('procedure_version_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.CheckConstraint(f'status IN ({allowed})', name=op.f('ck_dossier_counts_status')),
        sa.ForeignKeyConstraint(
            ['unit_id'], ['organisations.id'], name=op.f('fk_dossier_counts_unit_id')
        ),
        sa.ForeignKeyConstraint(
            ['department_id'], ['organisations.id'], name=op.f('fk_dossier_counts_department_id')
        ),
        sa.ForeignKeyConstraint(
            ['officer_id'], ['users.id'], name=op.f('fk_dossier_counts_officer_id')
        ),
        sa.ForeignKeyConstraint(
            ['procedure_version_id'],
            ['procedure_versions.id'],
            name=op.f('fk_dossier_counts_procedure_version_id'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_dossier_counts')),
    )
    for column in ('unit', 'department'):
        name = f'ix_dossier_counts_{column}'
        gently.create_index(name, 'dossier_counts', (f'{column}_id', 'id'))


def downgrade() -> None:
    op.drop_table('dossier_counts')
    op.drop_index('ix_users_active', 'users')
    op.drop_index('ix_postal_items_still', 'postal_items')
    op.drop_index('ix_postal_items_lying', 'postal_items')
    op.create_index(
        'ix_postal_items_office', 'postal_items', ['post_office_id', 'direction', 'state']
    )
    op.drop_index('ix_outbox_messages_sent', 'outbox_messages')
    op.drop_index('ix_audit_events_act', 'audit_events')
    op.create_index('ix_audit_events_act', 'audit_events', ['act'])
    for name, columns in DROPPED.items():
        op.create_index(name, 'dossiers', columns)
    for name in ADDED:
        op.drop_index(f'ix_dossiers_{name}', 'dossiers')
    op.drop_column('dossiers', 'ended_at')

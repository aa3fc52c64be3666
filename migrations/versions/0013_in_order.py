"""in order

Late visits of all offices, and the hand-over records of one, are found in the order in which they
are shown; SQLite finds all it needs of a department in the indexes that are meant to hold it.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

DUE = "coalesce(due_at, 'infinity')"
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
DEPARTMENT = {
    'figures': ('department_id', DUE, *FIGURES),
    'names': ('department_id', 'touched_at', *NAMES),
}


def upgrade() -> None:
    op.create_index(
        'ix_pickups_late',
        'pickups',
        ['state', 'slot_on', 'id', 'post_office_id', 'dossier_id'],
    )
    op.create_index('ix_handovers_giver', 'handovers', ['giver_place_id', 'state', 'id'])
    op.drop_index('ix_handovers_giver_place_id', 'handovers')
    for name, columns in DEPARTMENT.items():
        _index_department(name, (*columns, 'forwarded_at'))


def downgrade() -> None:
    for name, columns in DEPARTMENT.items():
        _index_department(name, columns)
    op.create_index('ix_handovers_giver_place_id', 'handovers', ['giver_place_id'])
    op.drop_index('ix_handovers_giver', 'handovers')
    op.drop_index('ix_pickups_late', 'pickups')


def _index_department(name: str, columns: tuple[str, ...]) -> None:
    op.drop_index(f'ix_dossiers_department_{name}', 'dossiers')
    parts = ', '.join(columns)
    op.execute(
        f'CREATE INDEX ix_dossiers_department_{name} ON dossiers ({parts})'
        ' WHERE forwarded_at IS NOT NULL'
    )

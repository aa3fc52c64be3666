"""in order

Late visits of all offices, and the hand-over records of one, are found in the order in which they
are shown; SQLite finds all it needs of a department in the indexes that are meant to hold it.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

from portal import gently

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
    with gently.steps():
        late = ('state', 'slot_on', 'id', 'post_office_id', 'dossier_id')
        gently.create_index('ix_pickups_late', 'pickups', late)
        giver = ('giver_place_id', 'state', 'id')
        gently.create_index('ix_handovers_giver', 'handovers', giver)
        gently.drop_index('ix_handovers_giver_place_id')
        for name, columns in DEPARTMENT.items():
            _index_department(name, (*columns, 'forwarded_at'))


def downgrade() -> None:
    with gently.steps():
        for name, columns in DEPARTMENT.items():
            _index_department(name, columns)
    op.create_index('ix_handovers_giver_place_id', 'handovers', ['giver_place_id'])
    op.drop_index('ix_handovers_giver', 'handovers')
    op.drop_index('ix_pickups_late', 'pickups')


def _index_department(name: str, columns: tuple[str, ...]) -> None:
    index = f'ix_dossiers_department_{name}'
    gently.drop_index(index)
    gently.create_index(index, 'dossiers', columns, where='forwarded_at IS NOT NULL')

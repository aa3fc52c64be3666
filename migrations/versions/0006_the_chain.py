"""the chain

Rows of the log and their seals are only ever added: a trigger refuses everything else. On SQLite a
batch that builds audit_events or audit_seals anew would lose the triggers; then hang them again.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

TABLES = ('audit_events', 'audit_seals')
REFUSAL = 'The log is only ever added to.'


def upgrade() -> None:
    op.create_table(
        'audit_seals',
        sa.Column(
            'sequence',
            sa.BigInteger().with_variant(sa.Integer(), 'sqlite'),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.LargeBinary(length=32), nullable=False),
        sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
        sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_seals')),
        sa.UniqueConstraint('event_id', name=op.f('uq_audit_seals_event_id')),
    )
    op.create_index(op.f('ix_audit_seals_sealed_at'), 'audit_seals', ['sealed_at'])
    if op.get_bind().dialect.name == 'sqlite':
        for table in TABLES:
            for act in ('UPDATE', 'DELETE'):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for act in ('update', 'delete'):
            op.execute(f'DROP TRIGGER audit_events_no_{act}')
        op.drop_table('audit_seals')
        return
    op.execute('DROP TRIGGER audit_events_only_added ON audit_events')
    op.drop_table('audit_seals')
    op.execute('DROP FUNCTION refuse_change()')

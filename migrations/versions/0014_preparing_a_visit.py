"""Who stays with the class, a wished certificate of conduct and the date of the guest's own."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("visit") as visit:
        visit.add_column(
            sa.Column("conduct_wished", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        visit.add_column(sa.Column("teacher_stays_at", moment, nullable=True))
    with op.batch_alter_table("visit") as visit:
        visit.alter_column("conduct_wished", server_default=None, existing_type=sa.Boolean())
    with op.batch_alter_table("professional") as professional:
        professional.add_column(sa.Column("conduct_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("professional") as professional:
        professional.drop_column("conduct_on")
    with op.batch_alter_table("visit") as visit:
        visit.drop_column("teacher_stays_at")
        visit.drop_column("conduct_wished")

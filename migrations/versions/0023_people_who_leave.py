"""When somebody last came in, and when they were erased."""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE person SET seen_at = CURRENT_TIMESTAMP")  # two years count from now


def downgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.drop_column("erased_at")
        table.drop_column("seen_at")

"""How guests arrive at a school."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("school") as school:
        school.add_column(sa.Column("arrival", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("school") as school:
        school.alter_column("arrival", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("school") as school:
        school.drop_column("arrival")

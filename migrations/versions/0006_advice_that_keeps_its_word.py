"""Other levels that are fine too, how far a class travels, and the ladder with dates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNMATCHED = sa.table("unmatched_need", sa.column("id", sa.Integer), sa.column("instead", LIST))


def upgrade() -> None:
    with op.batch_alter_table("need") as need:
        need.add_column(sa.Column("other_levels", LIST, nullable=False, server_default="[]"))
        need.add_column(sa.Column("travel_km", sa.Integer(), nullable=True))
    with op.batch_alter_table("need") as need:
        need.alter_column("other_levels", server_default=None)
        need.create_check_constraint(
            op.f("ck_need_travel_km"), "travel_km IS NULL OR travel_km BETWEEN 1 AND 500"
        )
    with op.batch_alter_table("unmatched_need") as unmatched:
        unmatched.add_column(
            sa.Column("on_topic", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("unmatched_need") as unmatched:
        unmatched.alter_column("on_topic", server_default=None)
    # Offers alone are not enough any more; the next run fills the ladder again.
    op.execute(UNMATCHED.update().values(instead=[]))


def downgrade() -> None:
    op.execute(UNMATCHED.update().values(instead=[]))
    with op.batch_alter_table("unmatched_need") as unmatched:
        unmatched.drop_column("on_topic")
    with op.batch_alter_table("need") as need:
        need.drop_constraint(op.f("ck_need_travel_km"), type_="check")
        need.drop_column("travel_km")
        need.drop_column("other_levels")

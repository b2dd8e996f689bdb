"""Several levels and years in one class, several classes together, and what they need."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COMPLETE = (
    "state IN ('draft', 'withdrawn') OR (published_at IS NOT NULL AND subject <> ''"
    " AND {level} AND group_size IS NOT NULL AND lesson_minutes IS NOT NULL)"
)


def upgrade() -> None:
    with op.batch_alter_table("need") as need:
        for name in ("levels", "years", "support"):
            need.add_column(sa.Column(name, LIST, nullable=False, server_default="[]"))
        need.add_column(sa.Column("groups", sa.Integer(), nullable=False, server_default="1"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE need SET levels = jsonb_build_array(level) WHERE level <> ''")
        op.execute("UPDATE need SET years = jsonb_build_array(year) WHERE year IS NOT NULL")
    else:
        op.execute("UPDATE need SET levels = json_array(level) WHERE level <> ''")
        op.execute("UPDATE need SET years = json_array(year) WHERE year IS NOT NULL")
    with op.batch_alter_table("need") as need:
        need.drop_constraint(op.f("ck_need_open_is_complete"), type_="check")
        need.drop_column("level")
        need.drop_column("year")
        for name in ("levels", "years", "support", "groups"):
            need.alter_column(name, server_default=None)
        need.create_check_constraint(
            op.f("ck_need_open_is_complete"), COMPLETE.format(level="levels <> '[]'")
        )
        need.create_check_constraint(op.f("ck_need_groups"), "groups BETWEEN 1 AND 10")


def downgrade() -> None:
    with op.batch_alter_table("need") as need:
        need.add_column(sa.Column("level", sa.String(40), nullable=False, server_default=""))
        need.add_column(sa.Column("year", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE need SET level = coalesce(levels ->> 0, ''), year = (years ->> 0)::int")
    else:
        op.execute(
            "UPDATE need SET level = coalesce(json_extract(levels, '$[0]'), ''),"
            " year = json_extract(years, '$[0]')"
        )
    with op.batch_alter_table("need") as need:
        need.drop_constraint(op.f("ck_need_open_is_complete"), type_="check")
        need.drop_constraint(op.f("ck_need_groups"), type_="check")
        for name in ("levels", "years", "support", "groups"):
            need.drop_column(name)
        need.alter_column("level", server_default=None)
        need.create_check_constraint(
            op.f("ck_need_open_is_complete"), COMPLETE.format(level="level <> ''")
        )

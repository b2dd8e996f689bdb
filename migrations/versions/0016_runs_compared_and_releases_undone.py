"""How far a run is and what it changes; releases that can be undone; when a region is matched."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0014'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("region") as table:
        table.add_column(
            sa.Column("run_days", JSON, nullable=False, server_default="[0, 1, 2, 3, 4, 5, 6]")
        )
        table.add_column(sa.Column("run_hour", sa.Integer(), nullable=False, server_default="5"))
        table.create_check_constraint(op.f("ck_region_run_hour"), "run_hour BETWEEN 0 AND 23")
    with op.batch_alter_table("region") as table:
        table.alter_column("run_days", server_default=None, existing_type=JSON)
        table.alter_column("run_hour", server_default=None, existing_type=sa.Integer())
    with op.batch_alter_table("match_run") as table:
        table.add_column(sa.Column("stage", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("changes", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("match_run") as table:
        table.alter_column("stage", server_default=None, existing_type=sa.String(40))
        table.alter_column("changes", server_default=None, existing_type=JSON)
    _releases()


def _releases() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("proposals", JSON, nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "undone_by_id IS NULL OR undone_at IS NOT NULL", name=op.f("ck_release_undone_has_moment")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_release_{column}"), ondelete="RESTRICT"
            )
            for column, target in (
                ("region_id", "region.id"), ("by_id", "person.id"), ("undone_by_id", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release") as table:
        for column in ("region_id", "by_id", "undone_by_id"):
            table.create_index(op.f(f"ix_release_{column}"), [column])
        table.create_index("ix_release_region_at", ["region_id", "at"])


def downgrade() -> None:
    op.drop_table("release")
    with op.batch_alter_table("match_run") as table:
        table.drop_column("changes")
        table.drop_column("stage")
    with op.batch_alter_table("region") as table:
        table.drop_constraint(op.f("ck_region_run_hour"), type_="check")
        table.drop_column("run_hour")
        table.drop_column("run_days")

"""Each side's word on whether a visit was held, a show of hands, and year plans of partners."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0006'
branch_labels = None
depends_on = None

LIST = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SIDE = sa.Enum(
    "school", "company", "coordinator", "system",
    name="side", native_enum=False, create_constraint=True, length=32,
)
HANDS = "{0} IS NULL OR (attended >= 8 AND {0} BETWEEN 0 AND attended)"


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("side", SIDE, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=True),
        sa.Column("reasons", LIST, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_report_visit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_report_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("visit_id", "side", name=op.f("uq_report_visit_id_side")),
    )
    op.create_index(op.f("ix_report_visit_id"), "report", ["visit_id"])
    op.create_index(op.f("ix_report_by_id"), "report", ["by_id"])
    with op.batch_alter_table("visit") as visit:
        for name in ("hands_before", "hands_after"):
            visit.add_column(sa.Column(name, sa.Integer(), nullable=True))
    with op.batch_alter_table("visit") as visit:
        for name in ("hands_before", "hands_after"):
            visit.create_check_constraint(op.f(f"ck_visit_{name}_in_class"), HANDS.format(name))
    with op.batch_alter_table("partnership") as partnership:
        moment = sa.DateTime(timezone=True)
        partnership.add_column(
            sa.Column("created_at", moment, nullable=False, server_default=sa.func.now())
        )
        partnership.add_column(sa.Column("renewal_asked_at", moment, nullable=True))
        partnership.add_column(sa.Column("ended_at", moment, nullable=True))
        partnership.add_column(
            sa.Column("ended_note", sa.Text(), nullable=False, server_default="")
        )
    op.execute("UPDATE partnership SET ended_at = CURRENT_TIMESTAMP WHERE state = 'ended'")
    with op.batch_alter_table("partnership") as partnership:
        partnership.alter_column("created_at", server_default=None)
        partnership.alter_column("ended_note", server_default=None)
        partnership.create_check_constraint(
            op.f("ck_partnership_ended_has_moment"), "(state = 'ended') = (ended_at IS NOT NULL)"
        )
    op.create_table(
        "planned_activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"],
            name=op.f("fk_planned_activity_partnership_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_activity")),
    )
    op.create_index(
        op.f("ix_planned_activity_partnership_id"), "planned_activity", ["partnership_id"]
    )


def downgrade() -> None:
    op.drop_table("planned_activity")
    with op.batch_alter_table("partnership") as partnership:
        partnership.drop_constraint(op.f("ck_partnership_ended_has_moment"), type_="check")
        for name in ("created_at", "renewal_asked_at", "ended_at", "ended_note"):
            partnership.drop_column(name)
    with op.batch_alter_table("visit") as visit:
        for name in ("hands_before", "hands_after"):
            visit.drop_constraint(op.f(f"ck_visit_{name}_in_class"), type_="check")
            visit.drop_column(name)
    op.drop_table("report")

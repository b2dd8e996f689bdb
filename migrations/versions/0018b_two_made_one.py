"""Two rows that became one, texts that readers report, and first offers that are read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0018b'
down_revision = '0014b'
branch_labels = None
depends_on = None

STATES = "'draft', {more}'published', 'paused', 'withdrawn'"
REASONS = "'advertising', 'personal', 'offensive', 'wrong', 'other'"


def upgrade() -> None:
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("kept_label", sa.String(length=200), nullable=False),
        sa.Column("gone_label", sa.String(length=200), nullable=False),
        sa.Column("gone_key", sa.String(length=254), nullable=False),
        sa.Column("steps", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('school', 'company', 'person')", name=op.f("ck_merge_kind")),
        sa.CheckConstraint(
            "state IN ('merged', 'undone', 'apart')", name=op.f("ck_merge_state")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_merge_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_by_id"), "merge", ["by_id"])
    op.create_index("ix_merge_kind_state", "merge", ["kind", "state", "id"])
    _reports()
    _offer_states("'review', ")
    with op.batch_alter_table("region") as region:
        region.add_column(
            sa.Column("reads_first_offers", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("region") as region:
        region.alter_column(
            "reads_first_offers", server_default=None, existing_type=sa.Boolean()
        )


def _reports() -> None:
    op.create_table(
        "text_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(offer_id IS NULL) <> (need_id IS NULL)", name=op.f("ck_text_report_offer_or_need")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)",
            name=op.f("ck_text_report_decided_has_moment"),
        ),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_text_report_reason")),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'dismissed')", name=op.f("ck_text_report_state")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_text_report_{column}"), ondelete=ends
            )
            for column, table, ends in (
                ("region_id", "region", "RESTRICT"),
                ("offer_id", "offer", "CASCADE"),
                ("need_id", "need", "CASCADE"),
                ("by_id", "person", "RESTRICT"),
                ("decided_by_id", "person", "RESTRICT"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_report")),
    )
    for column in ("region_id", "offer_id", "need_id", "by_id", "decided_by_id"):
        op.create_index(op.f(f"ix_text_report_{column}"), "text_report", [column])
    op.create_index("ix_text_report_region_state", "text_report", ["region_id", "state", "id"])


def _offer_states(more: str) -> None:
    name = op.f("ck_offer_state")
    with op.batch_alter_table("offer") as offer:
        offer.drop_constraint(name, type_="check")
        offer.create_check_constraint(name, f"state IN ({STATES.format(more=more)})")


def downgrade() -> None:
    op.execute("UPDATE offer SET state = 'draft' WHERE state = 'review'")
    with op.batch_alter_table("region") as region:
        region.drop_column("reads_first_offers")
    _offer_states("")
    op.drop_table("text_report")
    op.drop_table("merge")

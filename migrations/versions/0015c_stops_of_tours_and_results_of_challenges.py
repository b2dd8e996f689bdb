"""Stops of tours; data, period and results of challenges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0015c'
down_revision = '0018b'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("offer") as offer:
        offer.add_column(sa.Column("stops", JSON, nullable=False, server_default="[]"))
        offer.add_column(sa.Column("data_links", sa.Text(), nullable=False, server_default=""))
        offer.add_column(sa.Column("opens_on", sa.Date(), nullable=True))
        offer.add_column(sa.Column("closes_on", sa.Date(), nullable=True))
    with op.batch_alter_table("offer") as offer:
        offer.alter_column("stops", server_default=None)
        offer.alter_column("data_links", server_default=None)
        offer.create_check_constraint(
            "period", "opens_on IS NULL OR closes_on IS NULL OR closes_on >= opens_on"
        )
    op.create_table(
        "hand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("links", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(verdict = '') = (judged_at IS NULL)", name=op.f("ck_hand_in_verdict_has_moment")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("fk_hand_in_visit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_hand_in_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["person.id"],
            name=op.f("fk_hand_in_judged_by_id"), ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_hand_in_visit_id")),
    )
    for column in ("visit_id", "by_id", "judged_by_id"):
        op.create_index(op.f(f"ix_hand_in_{column}"), "hand_in", [column])


def downgrade() -> None:
    op.drop_table("hand_in")
    with op.batch_alter_table("offer") as offer:
        offer.drop_constraint("period", type_="check")
        for column in ("closes_on", "opens_on", "data_links", "stops"):
            offer.drop_column(column)

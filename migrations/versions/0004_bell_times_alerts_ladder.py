"""Bell times, the lessons a need chooses from them, alerts, the ladder's day, why a need ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
FRESH = {  # column of need -> (type, what stands in it from now on)
    "rhythm": (JSON, "{}"),
    "alerts": (sa.Boolean(), sa.true()),
    "end_reasons": (JSON, "[]"),
    "end_note": (sa.Text(), ""),
}


def upgrade() -> None:
    op.create_table(
        "lesson_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_lesson_period_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_lesson_period_school_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_period")),
        sa.UniqueConstraint("school_id", "name", name=op.f("uq_lesson_period_school_id_name")),
    )
    op.create_index(op.f("ix_lesson_period_school_id"), "lesson_period", ["school_id"])
    op.create_table(
        "need_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["need.id"], name=op.f("fk_need_alert_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_need_alert_offer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_alert")),
        sa.UniqueConstraint("need_id", "offer_id", name=op.f("uq_need_alert_need_id_offer_id")),
    )
    op.create_index(op.f("ix_need_alert_need_id"), "need_alert", ["need_id"])
    op.create_index(op.f("ix_need_alert_offer_id"), "need_alert", ["offer_id"])
    with op.batch_alter_table("need") as need:
        for name, (kind, value) in FRESH.items():
            need.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        need.add_column(sa.Column("ladder_at", sa.DateTime(timezone=True), nullable=True))
        need.add_column(sa.Column("wish_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("need") as need:
        for name in FRESH:
            need.alter_column(name, server_default=None)
        need.create_foreign_key(
            op.f("fk_need_wish_id"), "offer", ["wish_id"], ["id"], ondelete="SET NULL"
        )
        need.create_index(op.f("ix_need_wish_id"), ["wish_id"])
    for table, name, kind, value in (
        ("need_window", "weekly", sa.Boolean(), sa.false()),
        ("region", "ladder_after_days", sa.Integer(), "7"),
        ("region", "ladder_before_days", sa.Integer(), "14"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("region") as region:
        region.drop_column("ladder_after_days")
        region.drop_column("ladder_before_days")
    with op.batch_alter_table("need_window") as window:
        window.drop_column("weekly")
    with op.batch_alter_table("need") as need:
        need.drop_index(op.f("ix_need_wish_id"))
        need.drop_constraint(op.f("fk_need_wish_id"), type_="foreignkey")
        for name in (*FRESH, "ladder_at", "wish_id"):
            need.drop_column(name)
    op.drop_table("need_alert")
    op.drop_table("lesson_period")

"""Waiting lists of webinars, and the recording of a date."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "waiting_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'seated') = (proposal_id IS NOT NULL)",
            name=op.f("ck_waiting_place_seated_has_seat"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'seated', 'left', 'missed')",
            name=op.f("ck_waiting_place_state"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_waiting_place_slot_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["need.id"], name=op.f("fk_waiting_place_need_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"],
            name=op.f("fk_waiting_place_proposal_id"), ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_place")),
    )
    for column in ("slot_id", "need_id", "proposal_id"):
        op.create_index(op.f(f"ix_waiting_place_{column}"), "waiting_place", [column])
    op.create_index("ix_waiting_place_slot_state", "waiting_place", ["slot_id", "state", "id"])
    op.create_index(
        "uq_waiting_place_waiting", "waiting_place", ["slot_id", "need_id"],
        unique=True, sqlite_where=WAITING, postgresql_where=WAITING,
    )
    with op.batch_alter_table("slot") as slot:
        slot.add_column(
            sa.Column("recording_url", sa.String(length=500), nullable=False, server_default="")
        )
    with op.batch_alter_table("slot") as slot:
        slot.alter_column("recording_url", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("slot") as slot:
        slot.drop_column("recording_url")
    op.drop_table("waiting_place")

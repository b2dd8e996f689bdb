"""When professionals are busy by their own calendar."""

import sqlalchemy as sa
from alembic import op

revision = '0015b'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "busy_calendar",
        sa.Column("professional_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"],
            name=op.f("fk_busy_calendar_professional_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("professional_id", name=op.f("pk_busy_calendar")),
    )
    op.create_table(
        "busy_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("professional_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_busy_block_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["professional_id"], ["professional.id"],
            name=op.f("fk_busy_block_professional_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_block")),
    )
    op.create_index(
        op.f("ix_busy_block_professional_id"), "busy_block", ["professional_id"]
    )
    op.create_index(
        "ix_busy_block_professional_starts", "busy_block", ["professional_id", "starts_at"]
    )


def downgrade() -> None:
    op.drop_table("busy_block")
    op.drop_table("busy_calendar")

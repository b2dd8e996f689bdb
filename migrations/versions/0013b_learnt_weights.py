"""Weights learnt from answers, and the question that works them out."""

import sqlalchemy as sa
from alembic import op

revision = '0013b'
down_revision = '0017'
branch_labels = None
depends_on = None

KINDS = ("run", "advice", "swap_price", "what_if")


def upgrade() -> None:
    op.create_table(
        "learnt_weights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        *(sa.Column(name, _json(), nullable=False) for name in ("by_hand", "before", "weights")),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("loss_before", sa.Float(), nullable=False),
        sa.Column("loss_after", sa.Float(), nullable=False),
        sa.Column("used_by_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)",
            name=op.f("ck_learnt_weights_undone_by_somebody"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [target], name=op.f(f"fk_learnt_weights_{column}"), ondelete="RESTRICT"
            )
            for column, target in (
                ("region_id", "region.id"),
                ("used_by_id", "person.id"),
                ("undone_by_id", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learnt_weights")),
    )
    for column in ("region_id", "used_by_id", "undone_by_id"):
        op.create_index(op.f(f"ix_learnt_weights_{column}"), "learnt_weights", [column])
    _kinds((*KINDS, "learn"))


def downgrade() -> None:
    op.execute("DELETE FROM question WHERE kind = 'learn'")
    _kinds(KINDS)
    op.drop_table("learnt_weights")


def _json() -> sa.JSON:
    from sqlalchemy.dialects.postgresql import JSONB

    return sa.JSON().with_variant(JSONB(), "postgresql")


def _kinds(known: tuple[str, ...]) -> None:
    name = op.f("ck_question_kind")
    told = ", ".join(f"'{kind}'" for kind in known)
    with op.batch_alter_table("question") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({told})")

"""Messages from the first question on, of a side, and reports of them to the coordinator."""

import sqlalchemy as sa
from alembic import op

revision = '0014b'
down_revision = '0013b'
branch_labels = None
depends_on = None

SIDE = sa.Enum(
    "school", "company", "coordinator", "system",
    name="side", native_enum=False, create_constraint=True, length=32,
)
OF_VISIT = "(SELECT v.proposal_id FROM visit v WHERE v.id = message.visit_id)"
TEACHER = (
    "(SELECT n.teacher_id FROM visit v JOIN proposal p ON p.id = v.proposal_id"
    " JOIN need n ON n.id = p.need_id WHERE v.id = message.visit_id)"
)
OF_PROPOSAL = "(SELECT v.id FROM visit v WHERE v.proposal_id = message.proposal_id)"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("message") as message:
        message.add_column(sa.Column("proposal_id", sa.Integer(), nullable=True))
        message.add_column(sa.Column("side", sa.String(length=32), nullable=True))
        message.add_column(sa.Column("reported_at", moment, nullable=True))
        message.add_column(sa.Column("reported_by_id", sa.Integer(), nullable=True))
        message.add_column(
            sa.Column("report_note", sa.Text(), nullable=False, server_default="")
        )
        message.add_column(sa.Column("settled_at", moment, nullable=True))
        message.add_column(
            sa.Column("is_hidden", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(
        f"UPDATE message SET proposal_id = {OF_VISIT},"
        f" side = CASE WHEN by_id = {TEACHER} THEN 'school' ELSE 'company' END"
    )
    op.drop_index(op.f("ix_message_visit_id"), table_name="message")
    with op.batch_alter_table("message") as message:
        message.drop_constraint(op.f("fk_message_visit_id"), type_="foreignkey")
        message.drop_column("visit_id")
        message.alter_column("by_id", existing_type=sa.Integer(), nullable=True)
        message.alter_column("proposal_id", existing_type=sa.Integer(), nullable=False)
        message.alter_column(
            "side", existing_type=sa.String(length=32), type_=SIDE, nullable=False
        )
        message.alter_column("report_note", server_default=None, existing_type=sa.Text())
        message.alter_column("is_hidden", server_default=None, existing_type=sa.Boolean())
        message.create_foreign_key(
            op.f("fk_message_proposal_id"), "proposal", ["proposal_id"], ["id"],
            ondelete="CASCADE",
        )
        message.create_foreign_key(
            op.f("fk_message_reported_by_id"), "person", ["reported_by_id"], ["id"],
            ondelete="RESTRICT",
        )
        message.create_check_constraint(
            op.f("ck_message_of_a_side"), "side IN ('school', 'company')"
        )
        message.create_check_constraint(
            op.f("ck_message_only_reported_is_settled"),
            "reported_at IS NOT NULL OR (settled_at IS NULL AND NOT is_hidden)",
        )
    op.create_index(op.f("ix_message_proposal_id"), "message", ["proposal_id"])
    op.create_index(op.f("ix_message_reported_by_id"), "message", ["reported_by_id"])
    op.create_index("ix_message_by_at", "message", ["by_id", "at"])


def downgrade() -> None:
    op.execute(f"DELETE FROM message WHERE by_id IS NULL OR {OF_PROPOSAL} IS NULL")
    with op.batch_alter_table("message") as message:
        message.add_column(sa.Column("visit_id", sa.Integer(), nullable=True))
    op.execute(f"UPDATE message SET visit_id = {OF_PROPOSAL}")
    for name in ("ix_message_by_at", "ix_message_reported_by_id", "ix_message_proposal_id"):
        op.drop_index(name, table_name="message")
    with op.batch_alter_table("message") as message:
        for name in ("of_a_side", "only_reported_is_settled", "side"):
            message.drop_constraint(op.f(f"ck_message_{name}"), type_="check")
        for name in ("reported_by_id", "proposal_id"):
            message.drop_constraint(op.f(f"fk_message_{name}"), type_="foreignkey")
        for name in (
            "proposal_id", "side", "reported_at", "reported_by_id", "report_note", "settled_at",
            "is_hidden",
        ):
            message.drop_column(name)
        message.alter_column("visit_id", existing_type=sa.Integer(), nullable=False)
        message.alter_column("by_id", existing_type=sa.Integer(), nullable=False)
        message.create_foreign_key(
            op.f("fk_message_visit_id"), "visit", ["visit_id"], ["id"], ondelete="CASCADE"
        )
    op.create_index(op.f("ix_message_visit_id"), "message", ["visit_id"])

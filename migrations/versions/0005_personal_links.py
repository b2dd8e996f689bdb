"""Personal links in mails, whose secret part is not stored."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "personal_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("professional_id", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("side", sa.String(length=32), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('answer')", name=op.f("ck_personal_link_purpose")),
        sa.CheckConstraint(
            "side IN ('school', 'company', 'coordinator', 'system')",
            name=op.f("ck_personal_link_side"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"],
                name=op.f(f"fk_personal_link_{table}_id_{table}"), ondelete="CASCADE",
            )
            for table in ("person", "professional", "proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_link")),
        sa.UniqueConstraint(
            "purpose", "proposal_id", "holder",
            name=op.f("uq_personal_link_purpose_proposal_id_holder"),
        ),
    )
    for table in ("person", "professional", "proposal"):
        op.create_index(op.f(f"ix_personal_link_{table}_id"), "personal_link", [f"{table}_id"])
    with op.batch_alter_table("outbox_mail") as mail:
        mail.add_column(sa.Column("link_id", sa.Integer(), nullable=True))
        mail.create_foreign_key(
            op.f("fk_outbox_mail_link_id_personal_link"),
            "personal_link", ["link_id"], ["id"], ondelete="SET NULL",
        )
        mail.create_index(op.f("ix_outbox_mail_link_id"), ["link_id"])


def downgrade() -> None:
    with op.batch_alter_table("outbox_mail") as mail:
        mail.drop_index(op.f("ix_outbox_mail_link_id"))
        mail.drop_constraint(
            op.f("fk_outbox_mail_link_id_personal_link"), type_="foreignkey"
        )
        mail.drop_column("link_id")
    op.drop_table("personal_link")

"""What professionals say of their year, and when they last said that all holds."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

PLEDGES = "pledge IN ('yes', 'maybe', 'no')"


def upgrade() -> None:
    with op.batch_alter_table("professional") as table:
        table.add_column(
            sa.Column("pledge", sa.String(length=32), nullable=False, server_default="yes")
        )
        table.add_column(sa.Column("pledged_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("ask_again_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("pledge_asked_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("still_asked_on", sa.Date(), nullable=True))
        table.create_check_constraint(op.f("ck_professional_pledge"), PLEDGES)
    with op.batch_alter_table("professional") as table:
        table.alter_column("pledge", server_default=None, existing_type=sa.String(length=32))
    _purposes("'answer', 'still-true', 'this-year'")


def downgrade() -> None:
    op.execute("DELETE FROM personal_link WHERE purpose <> 'answer'")
    _purposes("'answer'")
    with op.batch_alter_table("professional") as table:
        table.drop_constraint(op.f("ck_professional_pledge"), type_="check")
        for name in (
            "pledge", "pledged_at", "ask_again_on", "pledge_asked_on", "confirmed_at",
            "still_asked_on",
        ):
            table.drop_column(name)


def _purposes(known: str) -> None:
    name = op.f("ck_personal_link_purpose")
    with op.batch_alter_table("personal_link") as link:
        link.drop_constraint(name, type_="check")
        link.create_check_constraint(name, f"purpose IN ({known})")

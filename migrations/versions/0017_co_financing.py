"""What regions' companies gave in a school year, signed; national figures are read from a file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0017'
down_revision = '0015b'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "co_financing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("school_year", sa.String(length=7), nullable=False),
        sa.Column("rate_cents", sa.Integer(), nullable=False),
        sa.Column("preparation_minutes", sa.Integer(), nullable=True),
        sa.Column(
            "lines",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("total_cents", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "rate_cents BETWEEN 1 AND 100000", name=op.f("ck_co_financing_rate")
        ),
        sa.CheckConstraint(
            "(signed_at IS NULL) = (signed_by_id IS NULL)",
            name=op.f("ck_co_financing_signed_by_somebody"),
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR total_cents IS NOT NULL",
            name=op.f("ck_co_financing_signed_has_total"),
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_co_financing_region_id_region"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_co_financing_signed_by_id_person"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_financing")),
        sa.UniqueConstraint(
            "region_id", "school_year", name=op.f("uq_co_financing_region_id_school_year")
        ),
    )
    with op.batch_alter_table("co_financing") as table:
        table.create_index(op.f("ix_co_financing_region_id"), ["region_id"])
        table.create_index(op.f("ix_co_financing_signed_by_id"), ["signed_by_id"])
    op.drop_table("indicator")


def downgrade() -> None:
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint(
            "code", "year", "area", name=op.f("uq_indicator_code_year_area")
        ),
    )
    op.drop_table("co_financing")

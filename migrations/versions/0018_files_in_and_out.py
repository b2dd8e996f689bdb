"""Files in: uploads that wait for a yes, own references, and one company at several places."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0018'
down_revision = '0016'
branch_labels = None
depends_on = None

RECORD = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KINDS = "kind IN ('schools', 'companies', 'people', 'needs', 'offers')"


def upgrade() -> None:
    op.create_table(
        "import_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("report", RECORD, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_import_upload_kind")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_import_upload_by_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_upload")),
    )
    op.create_index(op.f("ix_import_upload_by_id"), "import_upload", ["by_id"])
    for table, owner in (("need", "school_id"), ("offer", "company_id")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("reference", sa.String(length=80), nullable=True))
            batch.create_unique_constraint(
                op.f(f"uq_{table}_{owner}_reference"), [owner, "reference"]
            )
    with op.batch_alter_table("company") as company:
        company.add_column(
            sa.Column("establishment", sa.String(length=12), nullable=False, server_default="")
        )
        company.drop_constraint(op.f("uq_company_register_code"), type_="unique")
        company.create_unique_constraint(
            op.f("uq_company_register_code_establishment"), ["register_code", "establishment"]
        )
    with op.batch_alter_table("company") as company:
        company.alter_column(
            "establishment", server_default=None, existing_type=sa.String(length=12)
        )


def downgrade() -> None:
    with op.batch_alter_table("company") as company:
        company.drop_constraint(op.f("uq_company_register_code_establishment"), type_="unique")
        company.create_unique_constraint(op.f("uq_company_register_code"), ["register_code"])
        company.drop_column("establishment")
    for table, owner in (("offer", "company_id"), ("need", "school_id")):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"uq_{table}_{owner}_reference"), type_="unique")
            batch.drop_column("reference")
    op.drop_table("import_upload")

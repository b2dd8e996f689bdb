"""What a region's people call a concept, beside the thesaurus."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "synonym",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.Integer(), nullable=False),
        sa.Column("concept", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("label <> ''", name=op.f("ck_synonym_label_said")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_synonym_region_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_synonym_by_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym")),
        sa.UniqueConstraint(
            "region_id", "concept", "language", "label",
            name=op.f("uq_synonym_region_id_concept_language_label"),
        ),
    )
    for column in ("region_id", "by_id"):
        op.create_index(op.f(f"ix_synonym_{column}"), "synonym", [column])


def downgrade() -> None:
    op.drop_table("synonym")

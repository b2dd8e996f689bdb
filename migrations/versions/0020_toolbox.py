"""The toolbox: what its resources stand beside, and which needs they suit.

Support measures are reference data now, so their empty table goes.
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0018'
branch_labels = None
depends_on = None

KINDS = (
    "'tool', 'handbook', 'scan', 'video', 'whitepaper', 'infographic', 'report',"
    " 'impact_study', 'network_map'"
)
OWNERS = ("offer", "proposal")


def upgrade() -> None:
    with op.batch_alter_table("resource") as table:
        table.alter_column("kind", existing_type=sa.String(40), type_=sa.String(32))
        table.add_column(sa.Column("code", sa.String(40), nullable=True))
        table.add_column(sa.Column("added_by_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column(
                "changed_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default="2026-01-01 00:00:00+00:00",
            )
        )
        table.add_column(sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("search", sa.Text(), nullable=False, server_default=""))
        table.create_unique_constraint(op.f("uq_resource_code"), ["code"])
        table.create_check_constraint(op.f("ck_resource_kind"), f"kind IN ({KINDS})")
        table.create_index(op.f("ix_resource_added_by_id"), ["added_by_id"])
        table.create_foreign_key(
            op.f("fk_resource_added_by_id_person"),
            "person",
            ["added_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("resource") as table:
        table.alter_column(
            "changed_at", server_default=None, existing_type=sa.DateTime(timezone=True)
        )
        table.alter_column("search", server_default=None, existing_type=sa.Text())
    for owner in OWNERS:
        _attached(owner)
    op.create_table(
        "suggested_resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{name}.id"],
                name=op.f(f"fk_suggested_resource_{name}_id_{name}"),
                ondelete="CASCADE",
            )
            for name in ("need", "resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggested_resource")),
        sa.UniqueConstraint(
            "need_id", "resource_id", name=op.f("uq_suggested_resource_need_id_resource_id")
        ),
    )
    for name in ("need_id", "resource_id"):
        op.create_index(op.f(f"ix_suggested_resource_{name}"), "suggested_resource", [name])
    with op.batch_alter_table("need") as table:
        table.add_column(sa.Column("resources_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_table("support_measure")


def _attached(owner: str) -> None:
    name = f"{owner}_resource"
    op.create_table(
        name,
        sa.Column(f"{owner}_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{one}_id"],
                [f"{one}.id"],
                name=op.f(f"fk_{name}_{one}_id_{one}"),
                ondelete="CASCADE",
            )
            for one in (owner, "resource")
        ),
        sa.PrimaryKeyConstraint(f"{owner}_id", "resource_id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_resource_id"), name, ["resource_id"])


def downgrade() -> None:
    json = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
    op.create_table(
        "support_measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("rules", json, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_support_measure_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_measure")),
        sa.UniqueConstraint("code", name=op.f("uq_support_measure_code")),
    )
    with op.batch_alter_table("need") as table:
        table.drop_column("resources_at")
    op.drop_table("suggested_resource")
    for owner in OWNERS:
        op.drop_table(f"{owner}_resource")
    with op.batch_alter_table("resource") as table:
        table.drop_constraint(op.f("fk_resource_added_by_id_person"), type_="foreignkey")
        table.drop_index(op.f("ix_resource_added_by_id"))
        table.drop_constraint(op.f("ck_resource_kind"), type_="check")
        table.drop_constraint(op.f("uq_resource_code"), type_="unique")
        for name in ("search", "hidden_at", "changed_at", "added_by_id", "code"):
            table.drop_column(name)
        table.alter_column("kind", existing_type=sa.String(32), type_=sa.String(40))

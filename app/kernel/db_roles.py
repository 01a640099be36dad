"""The role that serves on PostgreSQL: it runs the product, but changes nothing that is for ever, nor the schema."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.kernel.errors import BadValue

_FOR_EVER = """
SELECT relname FROM pg_class JOIN pg_trigger ON tgrelid = pg_class.oid
WHERE tgname = relname || '_for_ever' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
_IS_TOO_STRONG = """
SELECT rolsuper OR EXISTS (
    SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace = 'public'::regnamespace
) FROM pg_roles WHERE rolname = :role
"""


class UnfitRole(BadValue):
    """There is no such role, or no right can be kept from it."""

    code = "unfit_role"
    sentence = "没有“{role}”这个数据库角色，或者它是超级用户、是表的主人，权限收不住。"


def let_serve(connection: Connection, role: str) -> list[str]:
    """The role may read and write every table of the schema that is there now, but not change or delete rows of the
    append-only ones, whose names come back.

    To be said again after each migration that adds tables. Raises `UnfitRole`.
    """
    if connection.execute(text(_IS_TOO_STRONG), {"role": role}).scalar() is not False:
        raise UnfitRole(role=role)
    quote = connection.dialect.identifier_preparer.quote
    name = quote(role)
    tables = list(connection.execute(text(_FOR_EVER)).scalars())
    for right in (
        f"USAGE ON SCHEMA public TO {name}",
        f"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
    ):
        connection.execute(text(f"GRANT {right}"))
    for table in tables:
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(table)} FROM {name}"))
    connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}"))
    return tables

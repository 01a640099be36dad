"""The rights over purchase points and deliveries."""

from __future__ import annotations

from app.kernel.permissions import Permission

INTAKES_EDIT = Permission("intakes.edit", "设收购点、挂牌价、收枣")
INTAKES_OWN = Permission("intakes.own", "看自家交的枣，提异议")
INTAKES_READ = Permission("intakes.read", "看收购点、牌价、收购单和异议")

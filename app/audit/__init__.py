"""Who did what to which thing."""

from app.audit.service import note

__all__ = ["note"]

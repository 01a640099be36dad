"""These tests need a database and no app."""

from tests import bare

db = bare.db

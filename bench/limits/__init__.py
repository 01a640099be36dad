"""Bare programs that do only what cannot be left out: what the product is measured against."""

"""Supplies: one module a family."""

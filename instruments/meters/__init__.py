"""Meters: one module a family."""

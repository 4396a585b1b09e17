"""Recorders, which stream slow channels: one module a family."""

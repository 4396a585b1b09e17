"""Relay boards and switch cards: one module a family."""

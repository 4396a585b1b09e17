"""Drivers of climate chambers."""

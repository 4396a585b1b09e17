"""Time-current curves of protections."""

"""Electronic loads: one module a family."""

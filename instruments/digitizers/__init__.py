"""Digitizers and oscilloscopes: one module a family."""

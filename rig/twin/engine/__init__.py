"""The exact piecewise-linear engine: imports nothing of the rest, usable alone."""

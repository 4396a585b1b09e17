"""Engine time is an integer number of picoseconds."""

PICO = 1e-12


def to_ps(seconds: float) -> int:
    """`seconds` as integer picoseconds, rounded."""
    return round(seconds / PICO)

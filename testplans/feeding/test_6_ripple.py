"""NSE-01: what feeds the device has alternating voltage on top."""

from rig.faults import Base, Ripple
from rig.run import Case, Judge, Shot, cases

SIZES = ("1 V", "4 V")
"""From peak to peak: the 12 V link's, and that scaled to 48 V."""


@cases([Case("NSE-01", Ripple(told), base=Base(load=0.9), hold="500 ms") for told in SIZES])
def test_a_ripple_changes_nothing(shot: Shot, judge: Judge) -> None:
    """Chargers and inverters next door put whistles on the grid; nobody's light may go out or flicker for it."""
    judge(shot.status_floor())

"""PNP: what a consumer takes when it is plugged in."""

from rig.faults import Start
from rig.run import Case, Judge, Shot, cases


@cases([Case("PNP-01", Start(), role="sink", note="inrush")])
def test_it_starts_gently(shot: Shot, judge: Judge) -> None:
    """Empty capacitors that are plugged in take away everybody's light, or the neighbour's fuse."""
    judge(shot.inrush_current())

"""PNP, AC-02: what a consumer takes when it is plugged in, and an inverter once it works."""

from rig.faults import Start
from rig.run import Case, Judge, Shot, cases


@cases([Case("PNP-01", Start(), role="sink", note="inrush")])
def test_it_starts_gently(shot: Shot, judge: Judge) -> None:
    """Empty capacitors that are plugged in take away everybody's light, or the neighbour's fuse."""
    judge(shot.inrush_current())


@cases([Case("AC-02", Start(), role="sink", hold="1 s", declares=("device.ac_output",))])
def test_an_inverter_leaves_the_grid_usable(shot: Shot, judge: Judge) -> None:
    """Behind an inverter hangs whatever has a plug: its start and its hundred hertz are on everybody's line."""
    judge(shot.inrush_current())
    judge(shot.served.ripple_current())

"""UV: what feeds the device is cut off for a moment, and is there again."""

from rig.faults import Base, Interruption
from rig.run import Case, Judge, Shot, cases

UNNOTICED = ("100 us",)
LONGER = ("1 ms", "3 ms", "10 ms", "30 ms", "100 ms", "300 ms", "1 s")
"""IEEE 2030.10, as told to the open DC grid; levels of IEC 61000-4-29."""


@cases([Case("UV-02", Interruption(told), base=Base(load=0.9)) for told in UNNOTICED])
def test_a_moment_without_the_feed_goes_unnoticed(shot: Shot, judge: Judge) -> None:
    """A contact that bounces somewhere in the grid must not put out the lights of a street."""
    judge(shot.status_floor())
    judge(shot.status_return())


@cases([Case("UV-02", Interruption(told), base=Base(load=0.9)) for told in LONGER])
def test_it_comes_back_by_itself(shot: Shot, judge: Judge) -> None:
    """A fuse is replaced, a breaker falls in again: nobody goes from house to house to switch things on."""
    judge(shot.status_return())

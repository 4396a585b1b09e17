"""REC: the port comes back by itself, whenever the fault goes and however long it lasted."""

from rig.faults import Base, Overload, Short
from rig.run import Case, Judge, Shot, cases

PHASES = ("150 ms", "700 ms", "1.1 s", "1.6 s", "2.3 s")
"""When the fault goes, after it came: between attempts, wherever they are."""


@cases(
    [
        Case("REC-02", Short("10 mohm"), base=Base(load=0.5), hold=hold, patient=True, note=f"gone after {hold}")
        for hold in PHASES
    ]
)
def test_it_returns_whenever_the_fault_goes(shot: Shot, judge: Judge) -> None:
    """A fault that goes right before an attempt, or right after one, must not be the one that keeps the port off."""
    judge(shot.recovery_time())


@cases([Case("REC-03", Short("10 mohm"), base=Base(load=0.5), hold="30 s", note="held 30 s")])
def test_it_returns_after_a_long_fault(shot: Shot, judge: Judge) -> None:
    """What counts its attempts and gives up needs a person, and nobody is there."""
    judge(shot.recovery_time())


@cases([Case("REC-04", Overload(3.3), base=Base(load=0.9), hold="2 s", note="loads still on")])
def test_a_collapsed_grid_starts_with_its_loads_on(shot: Shot, judge: Judge) -> None:
    """Nobody walks through the village to switch everything off, so that the grid can come up again."""
    judge(shot.recovery_time())

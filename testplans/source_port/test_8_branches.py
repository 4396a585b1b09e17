"""SC-08, MESH: what a fault at one port does to what hangs on another."""

from rig.faults import Base, Overload, Short, SourceLoss, Steps
from rig.run import Case, Judge, Shot, cases

WATCHED = {"declares": ("device.watched",), "note": "another port"}
BOTH = frozenset({"injector", "another port"})


@cases([Case("SC-08", Short("10 mohm"), base=Base(load=0.5), needs=BOTH, **WATCHED)])
def test_the_other_branch_goes_on(shot: Shot, judge: Judge) -> None:
    """A child that puts a fork into a socket must not switch the light off in the next room."""
    judge(shot.other_floor())
    judge(shot.recovery_time(), clause="REC-01")


@cases([Case("MESH-01", Steps((0.5,)), hold="5 s", needs=frozenset({"another port"}), **WATCHED)])
def test_a_way_that_is_there_stays(shot: Shot, judge: Judge) -> None:
    """A terminal that nobody has tightened opens and closes by itself, and in the next room a lamp flickers."""
    judge(shot.other_floor())


@cases([
    Case("MESH-01", SourceLoss(0.5), base=Base(load=0.9), hold="500 ms", needs=frozenset({"another port"}), **WATCHED),
])  # fmt: skip
def test_a_way_that_is_gone_takes_nobody_along(shot: Shot, judge: Judge) -> None:
    """Somebody digs up the cable to the neighbour; the house gets along by its other cable, and notices nothing."""
    judge(shot.bus.other_floor())


@cases([Case("MESH-03", Overload(3.3, beside=True), base=Base(load=0.9), hold="950 ms", needs=BOTH, **WATCHED)])
def test_a_fault_in_a_segment_takes_that_alone_away(shot: Shot, judge: Judge) -> None:
    """A ring is worth its second cable only if a fault in one of them does not take both ends down."""
    judge(shot.operate_time())
    judge(shot.other_floor())

"""SC-08: what a fault at one port does to what hangs on another."""

from rig.faults import Base, Short
from rig.run import Case, Judge, Shot, cases


@cases([
    Case("SC-08", Short("10 mohm"), base=Base(load=0.5), declares=("device.watched",),
         needs=frozenset({"injector", "another port"}), note="another port"),
])  # fmt: skip
def test_the_other_branch_goes_on(shot: Shot, judge: Judge) -> None:
    """A child that puts a fork into a socket must not switch the light off in the next room."""
    judge(shot.other_floor())
    judge(shot.recovery_time(), clause="REC-01")

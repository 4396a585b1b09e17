"""OC: a port carries what it promises and switches off what it does not, neither too early nor too late."""

from rig.faults import Base, Overload
from rig.run import Case, Judge, Shot, Window, cases

STEPS = (1.5, 2.0, 3.0)


@cases([Case("OC-01", Overload(1.05), base=Base(load=0.5), hold="2.5 s", window=Window("5 s", before=0.1))])
def test_small_overload_is_carried(shot: Shot, judge: Judge) -> None:
    """Appliances draw a little more than their label now and then; a port that trips on that is no use in a home."""
    judge(shot.operate_time())


@cases([Case("OC-01", Overload(multiple), base=Base(load=0.5), hold="950 ms", also=("REC-01",)) for multiple in STEPS])
def test_overload_is_cleared_inside_the_mask(shot: Shot, judge: Judge) -> None:
    """Tripping earlier than a motor starts is a nuisance, later than a cable stands is a fire."""
    judge(shot.operate_time())
    judge(shot.recovery_time(), clause="REC-01")

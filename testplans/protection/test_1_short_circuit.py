"""SC: a port that is shorted protects the cable, the device and the person, and comes back by itself."""

from rig.faults import Base, Short
from rig.run import Case, Judge, Shot, cases


@cases(
    [
        Case("SC-01", Short("10 mohm"), base=Base(load=0.5), hold="500 ms", also=("REC-01",)),
    ]
)
def test_hard_short_at_half_load(shot: Shot, judge: Judge) -> None:
    """A bolted short must be cleared before it hurts the cable, and the port comes back untouched by hand."""
    judge(shot.operate_time())
    judge(shot.peak_current())
    judge(shot.let_through_i2t())
    judge(shot.recovery_time(), clause="REC-01")

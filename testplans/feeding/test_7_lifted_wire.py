"""OPN-01: the line that feeds a device comes off under load."""

from rig.faults import Base, Lifted
from rig.run import Case, Judge, Shot, cases


@cases([Case("OPN-01", Lifted("feed"), base=Base(load=0.9), hold="1 s")])
def test_a_lifted_feed_does_no_harm(shot: Shot, judge: Judge) -> None:
    """A terminal that nobody has tightened comes off with everything on, and somebody pushes it back in."""
    judge(shot.port_voltage_peak())
    judge(shot.recovery_time())

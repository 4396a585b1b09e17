"""AC-01: a source that lives on the mains, when that sags, goes and comes back."""

from rig.faults import BackFeed, Base, Outage
from rig.run import Case, Judge, Shot, cases

MAINS = ("device.mains",)


@cases([Case("AC-01", Outage("20 ms"), base=Base(load=0.9), declares=MAINS)])
def test_a_period_without_mains_is_carried(shot: Shot, judge: Judge) -> None:
    """Somewhere in the town a fuse blows: the lights flicker, and what hangs on the grid must not start anew."""
    judge(shot.voltage_floor())
    judge(shot.recovery_time())


@cases([Case("AC-01", Outage("3 s"), base=Base(load=0.9), declares=MAINS, also=("SCAL-03",))])
def test_it_is_back_when_the_mains_is(shot: Shot, judge: Judge) -> None:
    """Mains that fail every evening are why the grid is there; nobody wants to press a button every time."""
    judge(shot.recovery_time())
    judge(shot.recovery_time(), clause="SCAL-03")  # it starts with all loads on


@cases([Case("AC-01", BackFeed(dead=True), base=Base(load=0.0), hold="4 s", declares=MAINS)])
def test_nothing_flows_into_the_mains(shot: Shot, judge: Judge) -> None:
    """While the mains is away the village must not try to light up the town."""
    judge(shot.bus.back_fed_current())

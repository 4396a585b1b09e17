"""UV: what feeds the device sinks, slowly or at once, and comes back."""

from rig.faults import Base, Level, Ramp
from rig.run import Case, Judge, Shot, cases

DEPTHS = ("90 %", "70 %", "50 %", "30 %", "10 %")
"""Of the nominal voltage, five seconds each (ISO 16750-2 4.6.2 in its shape)."""
SAGS = (("31 V", "120 s"), ("24 V", "10 s"))
"""IEEE 2030.10, as told to the open DC grid."""


@cases([Case("UV-01", Ramp("15 V"), base=Base(load=0.9), hold="60 s")])
def test_slow_sag_and_return(shot: Shot, judge: Judge) -> None:
    """An evening on an empty battery is a slow sag: nothing may flutter in it, and nobody stands by in the morning."""
    judge(shot.status_floor())
    judge(shot.restarts())
    judge(shot.status_return())


@cases([Case("UV-01", Level("18 V", to_start=True), base=Base(load=0.5), hold="5 s")])
def test_it_starts_on_a_low_feed(shot: Shot, judge: Judge) -> None:
    """An evening's battery stays low until the morning; who waits for a full one keeps the light off all night."""
    judge(shot.status_return())


@cases([Case("UV-01", Level("18 V"), hold="5 s", declares=("consumption.sleeps_below",))])
def test_asleep_it_takes_nothing(shot: Shot, judge: Judge) -> None:
    """A grid that has collapsed never gets up under what all its devices go on taking."""
    judge(shot.sleep_current())


@cases([Case("UV-03", Level("minimum"), base=Base(load=0.5), hold="5 s", role="source")])
def test_it_works_on_the_least_it_is_declared_for(shot: Shot, judge: Judge) -> None:
    """What is declared as enough has to be enough."""
    judge(shot.status_floor())


@cases([Case("UV-03", Level(volts), hold=hold, role="sink", note=f"for {hold}") for volts, hold in SAGS])
def test_long_sag(shot: Shot, judge: Judge) -> None:
    """What must go on, light or medicine, goes on in a deep sag; what may stop comes back."""
    judge(shot.status_floor())


@cases([Case("UV-04", Level(depth), base=Base(load=0.5), hold="5 s", also=("REC-01",)) for depth in DEPTHS])
def test_sag_of_any_depth(shot: Shot, judge: Judge) -> None:
    """Between too little to work and too little to know of it lies a voltage that leaves half of a device reset."""
    judge(shot.status_return())
    judge(shot.recovery_time(), clause="REC-01")

"""PWR, DRP, SELV-02, OPN, PNP, SCAL-03: what a source port gives, and what it does when its load comes and goes."""

from rig.faults import Base, Carry, Day, Draw, Dump, Lifted, Motor, Start, Steps
from rig.run import Case, Judge, Shot, cases

LOADS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)


@cases([Case("PNP-01", Start(), base=Base(load=0.5))])
def test_it_is_there_when_its_energy_is(shot: Shot, judge: Judge) -> None:
    """Whoever plugs something in wants it to work, not to wait and wonder."""
    judge(shot.recovery_time())


@cases([Case("SCAL-03", Start(), base=Base(load=0.9))])
def test_it_starts_with_all_loads_on(shot: Shot, judge: Judge) -> None:
    """After a dark night every lamp and pump of the village is still switched on when the grid comes up."""
    judge(shot.recovery_time())


@cases([Case("SCAL-03", Lifted("load"), base=Base(load=0.9), hold="1 s", note="all loads at once")])
def test_all_loads_come_at_once(shot: Shot, judge: Judge) -> None:
    """The line to a whole house is plugged in, and everything in it is still switched on."""
    judge(shot.recovery_time())


@cases([Case("DRP-01", Steps(LOADS), hold="400 ms", declares=("droop",))])
def test_droop_is_as_declared(shot: Shot, judge: Judge) -> None:
    """Sources share a grid by their droop: one that droops otherwise takes too much or nothing."""
    judge(shot.droop_intercept())
    judge(shot.droop_slope())


@cases([Case("PWR-01", Draw("255 W"), hold="60 s", rated_power="250 W")])
def test_a_peak_is_carried(shot: Shot, judge: Judge) -> None:
    """A household's peak is 250 W, and lasts for a minute; the load asks for 2 % more."""
    judge(shot.power())
    if shot.served.input_watched:
        judge(shot.served.efficiency())


@cases([Case("PWR-02", Day("50 W", "250 W"), rated_power="250 W")])
def test_a_day_of_a_household(shot: Shot, judge: Judge) -> None:
    """What carries a peak for a minute may be too warm by the evening."""
    judge(shot.status_floor())
    if shot.port.temperature is not None:
        judge(shot.device_temperature())


@cases(
    [
        Case("PWR-03", fault, hold="40 min", role="source", declares=("connector",))
        for fault in (Carry("minimum"), Carry("maximum"), Carry())
    ]
)
def test_a_short_link_carries_the_current_of_its_line(shot: Shot, judge: Judge) -> None:
    """A contact that has worked loose carries its current all evening, and is what burns a house down."""
    judge(shot.carried.current())
    judge(shot.carried.voltage_floor())
    judge(shot.carried.rise())


@cases([Case("SELV-02", Dump(), base=Base(load=0.9), hold="200 ms")])
def test_a_load_that_goes_lifts_nothing(shot: Shot, judge: Judge) -> None:
    """The energy of a converter's choke must go somewhere when nobody takes it: not into the next appliance."""
    judge(shot.port_voltage_peak())


@cases([Case("OPN-01", Lifted("load"), base=Base(load=0.9), hold="1 s")])
def test_a_lifted_load_does_no_harm(shot: Shot, judge: Judge) -> None:
    """Somebody trips over the cable with everything on, and pushes the plug back in."""
    judge(shot.port_voltage_peak())
    judge(shot.recovery_time())


@cases([Case("PWR-04", Motor(0.9), hold="1.5 s")])
def test_a_motor_starts(shot: Shot, judge: Judge) -> None:
    """A pump takes five times its current to start: what gives way under that takes everybody's light along."""
    judge(shot.voltage_floor())
    judge(shot.inrush_current())

"""OC-03 to OC-05, PNP, SCAL, MESH, DRP: what a port does when it is not the only source of its grid."""

from rig.faults import BackFeed, Base, Charge, Join, Meet, Overload, Rest, Sharing, SourceLoss
from rig.run import Case, Judge, Shot, cases

CURRENTS = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
SHARES = (0.15, 0.3, 0.45, 0.6, 0.75)


@cases([Case("OC-03", BackFeed("2 V"), base=Base(load=0.0), hold="4 s", role="unidirectional")])
def test_nothing_flows_back(shot: Shot, judge: Judge) -> None:
    """A source that lets current in is charged, or heated, by its neighbours, who then have less for everybody else."""
    judge(shot.bus.back_fed_current())


@cases([Case("OC-03", BackFeed(dead=True), base=Base(load=0.0), hold="4 s", role="unidirectional")])
def test_nothing_flows_into_a_dead_source(shot: Shot, judge: Judge) -> None:
    """At night the panels are dark: what the other houses have stored must not end in them."""
    judge(shot.bus.back_fed_current())


@cases([Case("OC-04", Overload(1.75, beside=True), base=Base(load=0.75), hold="950 ms")])
def test_it_lets_go_of_a_line_that_another_holds_up(shot: Shot, judge: Judge) -> None:
    """Two sources into one cable: each has to know its own limit, for the voltage no longer tells it."""
    judge(shot.operate_time())


@cases([Case("OC-05", BackFeed("2 V"), base=Base(load=0.05), hold="500 ms", note="5 % of load")])
def test_it_is_back_when_the_other_source_goes(shot: Shot, judge: Judge) -> None:
    """A port that has blocked a reverse current and waits for a large one the right way leaves a lamp in the dark."""
    judge(shot.bus.recovery_time())


@cases([Case("PNP-01", Join(), base=Base(load=0.5), hold="500 ms")])
def test_it_joins_a_live_grid(shot: Shot, judge: Judge) -> None:
    """A source that is plugged in where others work already must not make their lights flicker, nor trip on them."""
    judge(shot.inrush_current())
    judge(shot.voltage_floor())


@cases([Case("PNP-01", Meet("0.8 V"), base=Base(load=0.5), hold="2 s")])
def test_it_is_plugged_into_a_live_grid(shot: Shot, judge: Judge) -> None:
    """A battery that comes home is never at the grid's voltage: what flows then must not make anybody's light blink."""
    judge(shot.bus.inrush_current())
    judge(shot.bus.voltage_floor())
    judge(shot.bus.recovery_time())


@cases([Case("SCAL-01", Sharing(SHARES), base=Base(load=0.9), hold="400 ms")])
def test_it_takes_its_share(shot: Shot, judge: Judge) -> None:
    """Two sources that do not droop alike are one that works and one that looks on, until the first is overloaded."""
    judge(shot.bus.share_error())


@cases([Case("MESH-02", Rest(), base=Base(load=0.0), hold="1 s", role="bidirectional")])
def test_stores_leave_each_other_alone(shot: Shot, judge: Judge) -> None:
    """Batteries that charge one another at night arrive in the morning with less than they had together."""
    judge(shot.bus.idle_current())


@cases([Case("SCAL-02", SourceLoss(0.5), base=Base(load=0.9), hold="500 ms")])
def test_a_source_goes_and_the_other_carries_all(shot: Shot, judge: Judge) -> None:
    """When one of two sources drops out at full load, the other one has to hold the grid before anything notices."""
    judge(shot.bus.voltage_floor())
    judge(shot.bus.recovery_time())


@cases([Case("DRP-01", Charge(CURRENTS), base=Base(load=0.0), hold="400 ms", role="bidirectional")])
def test_it_charges_on_the_line_that_is_declared(shot: Shot, judge: Judge) -> None:
    """A store that charges at too low a voltage empties the others, and one at too high a voltage stays empty."""
    judge(shot.bus.charging_voltage())
    judge(shot.bus.charging_slope())

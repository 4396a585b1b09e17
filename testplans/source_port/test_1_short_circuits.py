"""SC: shorts with some resistance, shorts that stay, and shorts again and again."""

from rig.faults import Base, Overload, Short, Start
from rig.run import Case, Judge, Shot, Window, cases

LONG_LINE = (1.5, 2.5)
"""What a short behind metres of cable draws, x rated current."""


@cases(
    [
        Case(
            "SC-02",
            Start("10 mohm"),
            base=Base(load=0.0),
            hold="4.5 s",
            also=("REC-01",),
            window=Window("4.2 s", points=1_000_000, before=0.05),
        )
    ]
)
def test_start_into_a_short(shot: Shot, judge: Judge) -> None:
    """A port that hammers a short is a heater, and an arc that lights again and again."""
    judge(shot.retries())
    judge(shot.recovery_time(), clause="REC-01")


@cases(
    [Case("SC-03", Overload(multiple), base=Base(load=0.0), hold="950 ms", also=("REC-01",)) for multiple in LONG_LINE]
)
def test_short_at_the_end_of_a_line(shot: Shot, judge: Judge) -> None:
    """Cable takes the fury out of a short and leaves a fire: the port must see it all the same."""
    judge(shot.operate_time())
    judge(shot.recovery_time(), clause="REC-01")


@cases([Case("SC-04", Short("10 mohm"), base=Base(load=0.5), hold="55 s", note="held 55 s")])
def test_short_that_stays(shot: Shot, judge: Judge) -> None:
    """Nobody stands beside a grid with a finger on the switch: what is shorted stays shorted for a while."""
    judge(shot.recovery_time())


@cases([Case("SC-06", Short("10 mohm"), base=Base(load=0.5), hold="500 ms", before=9, note="the tenth")])
def test_the_tenth_short_is_as_the_first(shot: Shot, judge: Judge) -> None:
    """A protection that wears out, gives up after some faults, or now and then misses one, is none."""
    judge(shot.operate_time())
    judge(shot.recovery_time())
    if shot.served.repetitions_watched:
        judge(shot.served.missed_trips())


@cases(
    [
        Case(
            "SC-05",
            Short("10 mohm"),
            base=Base(load=0.0),
            role="bidirectional",
            declares=("protection.short_delay",),
            consent="a battery is shorted from outside, in a fire-safe place and attended",
        )
    ]
)
def test_a_battery_is_shorted_from_outside(shot: Shot, judge: Judge) -> None:
    """Cells give all they have: what manages them must be as fast as its maker says, or the cable burns."""
    judge(shot.operate_time())

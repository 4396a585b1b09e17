"""OC: every step of the overload curve that a bench can make, inrush that is none, and loads of any size."""

from rig.faults import Base, Overload, Short
from rig.run import Case, Judge, Shot, Window, cases

CARRIED = ((1.1, 0.55),)
GAP = (1.35, 0.8)
STEPS = ((1.75, 0.75), (2.25, 0.75), (2.4, 0.9), (2.8, 0.3), (3.3, 0.9))
"""Multiple of the rated current, and how much of it the load draws before: the injector's tap adds the rest. What a
limiter does with as little as GAP, no limit says."""
INRUSH = (1.75, 2.5)


@cases(
    [
        Case("OC-01", Overload(multiple), base=Base(load=load), hold="2.5 s", window=Window("5 s", before=0.1))
        for multiple, load in CARRIED
    ]
)
def test_small_overload_is_carried(shot: Shot, judge: Judge) -> None:
    """Appliances draw a little more than their label now and then; a port that trips on that is no use in a home."""
    judge(shot.operate_time())


@cases(
    [
        Case("OC-01", Overload(GAP[0]), base=Base(load=GAP[1]), hold="1.3 s", protection="trip", also=("REC-01",)),
        *(
            Case("OC-01", Overload(multiple), base=Base(load=load), hold="950 ms", also=("REC-01",))
            for multiple, load in STEPS
        ),
    ]
)
def test_overload_is_cleared_inside_the_mask(shot: Shot, judge: Judge) -> None:
    """A gap between two stages of a protection is found only by going through all of them."""
    judge(shot.operate_time())
    judge(shot.recovery_time(), clause="REC-01")


@cases(
    [
        Case(
            "OC-02",
            Overload(multiple),
            base=Base(load=0.0 if multiple > 2 else 0.75),
            hold="100 ms",
            protection="trip",
            window=Window("100 ms", points=1_000_000, before=0.1),
        )
        for multiple in INRUSH
    ]
)
def test_inrush_is_carried(shot: Shot, judge: Judge) -> None:
    """A motor that starts draws more than it is labelled with, and has started before a cable is warm."""
    judge(shot.operate_time())


@cases(
    [
        Case(
            "OC-02",
            Overload(3.0),
            base=Base(load=0.5),
            hold="20 ms",
            before=19,
            protection="trip",
            note="the twentieth",
        )
    ]
)
def test_starts_one_after_the_other_are_carried(shot: Shot, judge: Judge) -> None:
    """A refrigerator on a hot day, a pump that fills a tank: none of its starts is to blame for the ones before."""
    judge(shot.served.nuisance_trips())


@cases(
    [
        Case(
            "OC-02",
            Overload(1.75),
            base=Base(load=0.75),
            hold="20 ms",
            protection="limit",
            note="limited",
            window=Window("100 ms", points=1_000_000, before=0.1),
        )
    ]
)
def test_an_inrush_that_is_limited_is_over_when_it_is_over(shot: Shot, judge: Judge) -> None:
    """A port that limits a motor's start carries it too; one that has given up by then leaves the motor standing."""
    judge(shot.operate_time())
    judge(shot.recovery_time())


@cases(
    [
        Case("OC-05", Short("10 mohm"), base=Base(load=load), hold="500 ms", note=Base(load=load).label)
        for load in (0.0, 0.02, 0.9)
    ]
)
def test_it_returns_with_any_load(shot: Shot, judge: Judge) -> None:
    """Some ports come back only when something draws current, or only when nothing does; homes have both."""
    judge(shot.recovery_time())

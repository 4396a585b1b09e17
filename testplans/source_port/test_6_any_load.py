"""DUMB: loads without intelligence hang on the port, of constant power, large, or more than it may give."""

from rig.faults import Base, Draw, Overload, Short
from rig.run import Case, Judge, Shot, cases


@cases([Case("DUMB-01", Draw("150 W"), hold="10 s", rated_power="160 W")])
def test_constant_power_is_fed_without_swinging(shot: Shot, judge: Judge) -> None:
    """A converter behind a converter is a negative resistance: what is not damped swings, and never stops."""
    judge(shot.ripple())


@cases([Case("DUMB-01", Short("10 mohm"), base=Base(load=0.9), hold="500 ms", note="under load")])
def test_it_comes_back_under_load(shot: Shot, judge: Judge) -> None:
    """A port that gives less the lower its voltage is can be held down for ever by a load that it could feed."""
    judge(shot.recovery_time())


@cases(
    [
        Case(
            "DUMB-01",
            Short("10 mohm"),
            base=Base(load=0.6, constant="current"),
            hold="500 ms",
            note="under a constant current",
        )
    ]
)
def test_it_comes_back_under_a_constant_current(shot: Shot, judge: Judge) -> None:
    """Driver and charger take the same current at any voltage: whoever gives less at the bottom never gets up."""
    judge(shot.recovery_time())


@cases([Case("DUMB-01", Overload(1.8), base=Base(load=0.75), hold="950 ms", protection="limit")])
def test_the_limit_is_the_one_declared(shot: Shot, judge: Judge) -> None:
    """Whoever plans a line counts on the limit that the maker declares."""
    judge(shot.operate_time())

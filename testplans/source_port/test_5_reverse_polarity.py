"""RP: what a reversed port takes when nobody holds the current back."""

from rig.faults import Base, Reverse
from rig.run import Case, Judge, Shot, cases

VOLTAGES = ("30 V", "54 V")


@cases(
    [
        Case(
            "RP-01",
            Reverse(voltage, current="5.5 A"),
            base=Base(load=0.0),
            hold="300 ms",
            needs=frozenset({"reversed"}),
            note="5.5 A",
            also=("REC-01",),
        )
        for voltage in VOLTAGES
    ]
)
def test_reversed_source_that_could_give_more(shot: Shot, judge: Judge) -> None:
    """A supply that limits its current hides what a port would take; for a moment this one may give more than rated."""
    judge(shot.reverse_current())
    judge(shot.reverse_leakage())
    judge(shot.recovery_time(), clause="REC-01")

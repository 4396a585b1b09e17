"""RP: whoever assembles a grid will swap two wires one day; the port survives that and works afterwards."""

from rig.faults import Base, Reverse
from rig.run import Case, Judge, Shot, cases

VOLTAGES = ("48 V", "54 V", "58 V")


@cases(
    [
        Case(
            "RP-01",
            Reverse(voltage, current="1 A"),
            base=Base(load=0.0),
            hold="60 s",
            needs=frozenset({"reversed"}),
            also=("REC-01",),
        )
        for voltage in VOLTAGES
    ]
)
def test_reversed_source_on_the_dead_port(shot: Shot, judge: Judge) -> None:
    """A reversed source may push no more than the port's normal current, and the port must work afterwards."""
    judge(shot.reverse_current())
    judge(shot.recovery_time(), clause="REC-01")

"""SC: whoever manages the grid has only the device's word for what has happened at its port."""

from rig.faults import Base, Short
from rig.run import Case, Judge, Shot, cases


@cases(
    [
        Case(
            "SC-01",
            Short("10 mohm"),
            base=Base(load=0.2),
            needs=frozenset({"injector", "communication"}),
            declares=("device.communication.fault",),
            note="as reported",
        )
    ]
)
def test_a_short_is_reported(shot: Shot, judge: Judge) -> None:
    """While it is shorted the device says overcurrent, and when the port is back it says that nothing is wrong."""
    judge(shot.wrong_reports())

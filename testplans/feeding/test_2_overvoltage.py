"""OV, SELV-03: what feeds the device stands above its nominal voltage for a while, and comes back."""

from rig.faults import Base, Level
from rig.run import Case, Judge, Shot, cases

LEVELS = ("52 V", "54 V", "57 V")
"""Up to the ends of normal and of limited operation (ISO 21780), a volt below the last."""


@cases(
    [
        Case("OV-01", Level("maximum"), base=Base(load=0.5), hold="5 s", role="source", also=("REC-01",)),
        *(Case("OV-01", Level(volts), hold="5 s", role="sink", also=("REC-01",)) for volts in LEVELS),
    ]
)
def test_the_upper_end_of_the_band(shot: Shot, judge: Judge) -> None:
    """At noon, with every battery full, the grid stands at its upper end: that is no fault."""
    judge(shot.status_floor())
    judge(shot.status_return())
    judge(shot.recovery_time(), clause="REC-01")


@cases([Case("SELV-03", Level("maximum"), base=Base(load=0.0), hold="10 s", role="bidirectional")])
def test_a_full_battery_drives_no_port_to_60_v(shot: Shot, judge: Judge) -> None:
    """A battery that is full, or is being equalised, stands at its highest, and nobody takes anything."""
    judge(shot.port_voltage_peak())

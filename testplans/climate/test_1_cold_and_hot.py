"""TMPR: what protects at a desk protects on a roof and in a shed too; a climate chamber makes both."""

from rig.faults import Base, Level, Metered, Overload, Short
from rig.run import Case, Judge, Shot, cases

AIR = ("-10 degC", "45 degC")
"""The room's 25 degC lies between: every other case is carried out in it."""


@cases([Case("TMPR-01", Short("10 mohm"), base=Base(load=0.5), ambient=air, also=("REC-01",)) for air in AIR])
def test_short_cold_and_hot(shot: Shot, judge: Judge) -> None:
    """What senses a current drifts with temperature, and a hot transistor takes longer to open."""
    judge(shot.operate_time())
    judge(shot.peak_current())
    judge(shot.let_through_i2t())
    judge(shot.recovery_time(), clause="REC-01")


@cases([Case("TMPR-01", Overload(1.75), base=Base(load=0.75), hold="950 ms", ambient=air) for air in AIR])
def test_overload_cold_and_hot(shot: Shot, judge: Judge) -> None:
    """A protection that thinks in temperatures carries more in the cold and less in the heat: within the same mask."""
    judge(shot.operate_time())


@cases([Case("TMPR-02", Level("50 %"), base=Base(load=0.5), hold="5 s", ambient=air) for air in AIR])
def test_sag_cold_and_hot(shot: Shot, judge: Judge) -> None:
    """Cold, a device takes more to start; hot, its references have moved."""
    judge(shot.status_return())


@cases(
    [
        Case("TMPR-03", metered, hold="5 min", needs=frozenset({"communication"}), ambient=air)
        for air in AIR
        for metered in (Metered(0.9), Metered())
    ]
)
def test_energy_cold_and_hot(shot: Shot, judge: Judge) -> None:
    """A shunt that drifts is read by everybody who pays in summer."""
    judge(shot.counted.error())

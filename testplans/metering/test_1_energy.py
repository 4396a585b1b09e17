"""MTR: what the device says of energy is what people pay for; the bench counts along."""

from rig.faults import Metered
from rig.run import Case, Judge, Shot, cases

LOADS = (0.1, 0.3, 0.9)
"""Shares of the rated current at which the counter is held against the bench."""
NEEDS = frozenset({"communication"})


@cases([Case("MTR-01", Metered(load), hold="5 min", needs=NEEDS, also=("MTR-03",)) for load in LOADS])
def test_energy_out_of_the_port(shot: Shot, judge: Judge) -> None:
    """A counter that errs by a percent takes a day's earnings a season from somebody."""
    judge(shot.counted.error())
    judge(shot.counted.step(), clause="MTR-03")


@cases([Case("MTR-01", Metered(), hold="5 min", needs=NEEDS, also=("MTR-03",))])
def test_energy_into_the_port(shot: Shot, judge: Judge) -> None:
    """What an appliance says that it has used is what its owner sees."""
    judge(shot.counted.error())
    judge(shot.counted.step(), clause="MTR-03")


@cases(
    [
        Case("MTR-02", Metered(0.9, cut="2 s"), hold="5 min", needs=NEEDS, also=("TMP-02",)),
        Case("MTR-02", Metered(cut="2 s"), hold="5 min", needs=NEEDS, also=("TMP-02",)),
    ]
)
def test_a_power_cut_loses_no_energy(shot: Shot, judge: Judge) -> None:
    """Whoever pulls the plug must not get the day for nothing."""
    judge(shot.counted.lost())
    judge(shot.counted.decreases(), clause="TMP-02")

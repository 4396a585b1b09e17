"""PWR-03: what a consumer takes for long at either end of the band, and how warm that makes its connector."""

from rig.faults import Carry
from rig.run import Case, Judge, Shot, cases


@cases(
    [
        Case("PWR-03", Carry(told), hold="40 min", role="sink", note="a consumer", declares=("connector",))
        for told in ("minimum", "maximum")
    ]
)
def test_a_short_link_is_cool_at_both_ends_of_the_band(shot: Shot, judge: Judge) -> None:
    """What takes a steady power takes the most current where the grid is lowest, and all of it through one contact."""
    judge(shot.carried.current())
    judge(shot.carried.rise())

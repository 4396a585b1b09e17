"""GND-01: another connection of the return, and a volt between grounds."""

from rig.faults import Base, SecondReturn
from rig.run import Case, Judge, Shot, cases


@cases([Case("GND-01", SecondReturn("1 V", current="3 A"), base=Base(load=0.5), hold="2 s")])
def test_a_second_return_does_no_harm(shot: Shot, judge: Judge) -> None:
    """Somebody plugs in a phone that hangs on another house's line, and a volt of drop finds its way through here."""
    judge(shot.ground_current())
    judge(shot.status_floor())

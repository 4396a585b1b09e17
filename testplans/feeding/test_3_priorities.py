"""DRP: a load's stages go one after the other as the grid sinks, the least important first."""

from rig.faults import Ramp
from rig.run import Case, Judge, Shot, cases


@cases([Case("DRP-02", Ramp("34 V"), hold="120 s", role="sink", declares=("consumption.stages",))])
def test_loads_go_by_their_priority(shot: Shot, judge: Judge) -> None:
    """Where nobody talks to anybody, the grid's voltage alone says who has to wait: it must be understood alike."""
    judge(shot.shedding_error())
    judge(shot.surplus_switchings())

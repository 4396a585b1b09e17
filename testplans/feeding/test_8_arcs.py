"""ARC-01 and ARC-03: a noise on what feeds the device, an arc's, or that of a motor drive, which is none."""

from rig.faults import Arc, Base, Chopper
from rig.run import Case, Judge, Shot, cases

DETECTOR = ("arc_detection",)


@cases([Case("ARC-01", Arc("50 mV"), base=Base(load=0.9), hold="3 s", declares=DETECTOR)])
def test_an_arc_is_found(shot: Shot, judge: Judge) -> None:
    """A loose terminal burns at a current that no fuse minds; who takes that current hears it, and lets go."""
    judge(shot.operate_time())


@cases([Case("ARC-03", Chopper("50 mV"), base=Base(load=0.9), hold="3 s", declares=DETECTOR)])
def test_a_motor_drive_is_no_arc(shot: Shot, judge: Judge) -> None:
    """A detector that every pump next door sets off is switched off by its owner, and finds no arc any more."""
    judge(shot.status_floor())

"""The command tables in front of a load: EL, and a PSB that is used as a sink."""

import pytest

from rig.twin.wire import ea_load
from rig.twin.wire.ea_ratings import EL_9080_60, PSB_10080_60

DIALOGUE = [
    ("*IDN?", EL_9080_60.identity),
    ("CURR 5", None),
    ("SYST:ERR?", '-221,"Settings conflict"'),
    ("SYST:LOCK ON;LOCK:OWN?;:SYST:NOM:RES:MIN?;MAX?", "REMOTE;0.090 OHM;30.000 OHM"),
    ("SYST:NOM:VOLT?;CURR?;POW?;:SYST:DEV:CLAS?", "80.00 V;60.00 A;1200 W;44"),
    ("VOLT:LIM:LOW?;HIGH?;:CURR:LIM:LOW?;HIGH?", "0.00 V;80.00 V;0.00 A;60.00 A"),
    ("VOLT:LIM:LOW 0;HIGH 80;:CURR:LIM:LOW 0;HIGH 60;:RES:LIM:HIGH?", "30.000 OHM"),
    ("VOLT:PROT 82;PROT?;:CURR:PROT 66;PROT?", "82.00 V;66.00 A"),
    ("POW:PROT 1320;PROT?;:VOLT:PROT 83", "1320 W"),
    ("SYST:ERR?", '-222,"Data out of range"'),
    ("CURR 5;VOLT 0;POW 1200;:CURR?;:VOLT?", "5.00 A;0.00 V"),
    ("INP ON;INP?;:STAT:OPER:COND?;:STAT:QUES:COND?", "ON;512;3072"),
    ("MEAS:VOLT?;CURR?;POW?;ARR?", "54.00 V;5.00 A;270 W;54.00 V, 5.00 A, 270 W"),
    ("VOLT 24;:STAT:OPER:COND?", "256"),
    ("SYST:CONF:MODE UIR;MODE?;:RES 10;RES?;:STAT:OPER:COND?", "UIR;10.000 OHM;2048"),
    ("INP OFF;INP?;:STAT:OPER:COND?", "OFF;0"),
    ("RES 31;:SYST:ERR?", '-222,"Data out of range"'),
    ("SYST:CONF:MODE UIP;:VOLT 0;POW 100;POW?;POW:LIM:HIGH?", "100 W;1200 W"),
    ("INP ON;:STAT:OPER:COND?;:INP OFF", "1024"),
    ("STAT:QUES?;:STAT:QUES:ENAB 8;ENAB?;:STAT:OPER:ENAB 256;ENAB?", "3072;8;256"),
    ("SYST:ALAR:COUN:OVOL?;OCUR?;OPOW?;OTEM?;PFA?", "0;0;0;0;0"),
    ("OUTP?", None),
    ("SYST:ERR?;ERR:NEXT?", '-100,"Command error";0,"No error"'),
]


def asked(instrument, message):
    return instrument.execute(message.encode()).decode().removesuffix("\n")


def test_an_el(rig):
    instrument = ea_load.build(EL_9080_60, rig.world.load)
    for message, expected in DIALOGUE:
        assert (message, asked(instrument, message)) == (message, expected or "")
    wanted = ["CURR 5", "input True", "VOLT 24", "RES 30", "RES 10", "input False", "VOLT 24", "CURR 5", "POW 100"]
    assert [line.split(" ", 2)[2] for line in rig.world.sim.lines if "None" not in line][-11:-2] == wanted


def test_protection_below_nominal_is_the_power_stage_s(rig):
    instrument = ea_load.build(EL_9080_60, rig.world.load)
    asked(instrument, "SYST:LOCK ON;:CURR:PROT 30;:POW:PROT 600;:CURR:PROT 61;:POW:PROT 1201")
    assert [line.split(" ", 2)[2] for line in rig.world.sim.lines] == [
        "OCP (30.0, 0.0)",
        "OPP (600.0, 0.0)",
        "OCP None",
        "OPP None",
    ]


def test_an_alarm_of_the_power_stage_lasts_until_errors_are_read(rig, monkeypatch):
    instrument = ea_load.build(EL_9080_60, rig.world.load)
    asked(instrument, "SYST:LOCK ON;:CURR 5;:INP ON")
    monkeypatch.setattr(rig.world.load, "alarm", lambda: "OPP")
    monkeypatch.setattr(rig.world.load, "input_on", False)
    assert asked(instrument, "STAT:QUES:COND?;:INP ON;INP?") == "1028;OFF"
    assert asked(instrument, "SYST:ERR?;:STAT:QUES:COND?") == '-221,"Settings conflict";1024'
    assert asked(instrument, "SYST:ALAR:COUN:OPOW?;OPOW?") == "1;0"


def test_a_psb_in_front_of_a_load_sinks_only(rig):
    instrument = ea_load.build_sink(PSB_10080_60, rig.world.load)
    assert asked(instrument, "SYST:LOCK ON;:VOLT 0;:SINK:CURR 3;:SINK:POW 1500;:OUTP ON") == ""
    assert asked(instrument, "STAT:OPER:COND?;:MEAS:ARR?") == "4608;54.00 V, -3.00 A, -162 W"
    assert asked(instrument, "SYST:CONF:MODE UIR;:SINK:RES 20;RES?;:MEAS:CURR?") == "20.000 OHM;-2.70 A"
    assert asked(instrument, "VOLT 12;VOLT?;:SYST:ERR?") == '0.00 V;-221,"Settings conflict"'
    assert asked(instrument, "CURR 10;POW 100;CURR?;POW?") == "10.00 A;100 W"
    assert asked(instrument, "VOLT:PROT 60;PROT?;:CURR:PROT?;:POW:PROT?") == "60.00 V;66.00 A;1650 W"


@pytest.mark.parametrize("build", [ea_load.build, ea_load.build_sink])
def test_a_panel_in_local_refuses(rig, build):
    instrument = build(EL_9080_60, rig.world.load, lambda: True)
    assert asked(instrument, "SYST:LOCK ON;LOCK:OWN?;:SYST:ERR?") == 'LOCAL;-201,"Invalid while in local"'

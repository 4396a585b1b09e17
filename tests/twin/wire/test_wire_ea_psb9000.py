"""The PSB 9000's command table over a real socket, with the replies of its guide."""

import pytest

IDENTITY = "EA Elektro-Automatik GmbH & Co. KG, PSB 9080-60, 2870380001, V3.02 15.02.2019 V2.29 07.08.2018 V2.0.7"
NO_ERROR = '0,"No error"'

DIALOGUE = [
    ("*IDN?", IDENTITY),
    ("SYST:LOCK:OWN?", "NONE"),
    ("VOLT 5", None),
    ("SYST:ERR?", '-201,"Invalid while in local"'),
    ("SYST:LOCK ON", None),
    ("SYSTEM:LOCK:OWNER?", "REMOTE"),
    ("SYST:NOM:VOLT?;:SYST:NOM:CURR?;:SYST:NOM:POW?", "80.00 V;60.00 A;5000 W"),
    ("VOLT 48;CURR 10;POW 480", None),
    ("VOLT?;CURR?;POW?", "48.00 V;10.00 A;480 W"),
    ("SOUR:VOLT 48.5V;:SOURCE:CURRENT:LEVEL:IMMEDIATE:AMPLITUDE 8 A;:SOUR:POW 500W", None),
    ("SOUR:VOLT?;:SOUR:CURR?;:SOUR:POW?", "48.50 V;8.00 A;500 W"),
    ("VOLT? MAX", "80.00 V"),
    ("SINK:CURR?;POW?", "0.00 A;0 W"),
    ("SINK:CURR 5;POW 300", None),
    ("SINK:CURR?;POW?", "5.00 A;300 W"),
    ("SOUR:VOLT:PROT 58;:CURR:PROT 12;:POW:PROT 5500", None),
    ("VOLT:PROT?;:SOUR:CURR:PROT?;:SOUR:POW:PROT?", "58.00 V;12.00 A;5500 W"),
    ("SYST:ERR?", NO_ERROR),
    ("OUTP?", "OFF"),
    ("OUTP ON;*OPC?", "1"),
    ("OUTP?", "ON"),
    ("MEAS:VOLT?;CURR?;POW?", "48.50 V;4.85 A;235 W"),
    ("MEAS:SCAL:VOLT:DC?", "48.50 V"),
    ("MEAS:ARR?", "48.50 V, 4.85 A, 235 W"),
    ("STAT:QUES:COND?", "3072"),
    ("STAT:QUES?;:STAT:QUES?", "3072;0"),
    ("STAT:OPER:COND?", "256"),
    ("SYST:ALAR:COUN:OVOL?;OCUR?;OPOW?;OTEM?;PFA?", "0;0;0;0;0"),
    ("OUTP OFF;OUTP?", "OFF"),
    ("VOLT 81", None),
    ("SINK:CURR 61", None),
    ("POW:PROT 100", None),
    ("VOLT", None),
    ("NOSUCH", None),
    (
        "SYST:ERR:ALL?",
        (
            '-222,"Data out of range",-222,"Data out of range",-221,"Settings conflict",-102,"Syntax error",'
            '-100,"Command error"'
        ),
    ),
    ("SYST:ERR:NEXT?", NO_ERROR),
    ("*CLS;*WAI;*OPC;*ESE 60;*SRE 32", None),
    ("*ESR?;*ESE?;*SRE?;*STB?;*TST?", "1;60;32;0;0"),
    ("SYST:LOCK OFF", None),
    ("*RST", None),
    ("SYST:LOCK:OWN?;:VOLT?", "REMOTE;48.50 V"),
]


def test_the_whole_table(rig, converse):
    converse(rig.scpi("supply"), DIALOGUE)


def test_no_row_is_left_out(rig, converse):
    assert converse.uncovered(rig.served.scpi["supply"], DIALOGUE) == []


def test_set_values_reach_the_physics_after_the_latency(rig):
    client = rig.scpi("supply")
    assert client.ask("SYST:LOCK ON;*OPC?") == "1"
    assert client.ask("VOLT 48;*OPC?") == "1"
    assert rig.world.sim.lines == ["6000000000 supply voltage 48"]


def test_an_alarm_shows_in_bits_and_counter_until_errors_are_read(rig):
    client = rig.scpi("supply")
    client.ask("SYST:LOCK ON;:VOLT 48;:OUTP ON;*OPC?")
    rig.call(setattr, rig.world.supply, "pending_alarm", "OVP")
    rig.call(rig.world.supply.set_output, False)
    assert client.ask("STAT:QUES:COND?") == "1025"
    assert client.ask("OUTP ON;OUTP?") == "OFF"
    assert client.ask("SYST:ALAR:COUN:OVOL?") == "1"
    assert client.ask("SYST:ERR?") == '-221,"Settings conflict"'
    assert client.ask("STAT:QUES:COND?;:STAT:QUES?") == "1024;3073"
    assert client.ask("OUTP ON;OUTP?;:SYST:ALAR:COUN:OVOL?") == "ON;1"


@pytest.mark.parametrize("alarm", ["OVP", "OCP"])
def test_reset_takes_control_and_clears_alarms(rig, alarm):
    client = rig.scpi("supply")
    rig.call(setattr, rig.world.supply, "pending_alarm", alarm)
    assert client.ask("*RST;SYST:LOCK:OWN?;:STAT:QUES:COND?;:OUTP?") == "REMOTE;1024;OFF"

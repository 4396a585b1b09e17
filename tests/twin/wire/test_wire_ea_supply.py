"""The command tables of EA supplies, the PSB's over a real socket, with the replies of their guide."""

import pytest

from rig.twin.wire import ea_supply
from rig.twin.wire.ea_ratings import PS_9080_60, PSB_9080_60

IDENTITY = "EA Elektro-Automatik GmbH & Co. KG, PSB 9080-60, 2870380001, V3.02 15.02.2019 V2.29 07.08.2018 V2.0.7"
NO_ERROR = '0,"No error"'

DIALOGUE = [
    ("*IDN?", IDENTITY),
    ("SYST:LOCK:OWN?", "NONE"),
    ("VOLT 5", None),
    ("SYST:ERR?", '-221,"Settings conflict"'),
    ("SYST:LOCK ON", None),
    ("SYSTEM:LOCK:OWNER?", "REMOTE"),
    ("SYST:NOM:VOLT?;:SYST:NOM:CURR?;:SYST:NOM:POW?", "80.00 V;60.00 A;5000 W"),
    ("SYST:NOM:RES:MIN?;MAX?;:SYST:DEV:CLAS?", "0.040 OHM;80.000 OHM;58"),
    ("VOLT:LIM:LOW?;HIGH?;:CURR:LIM:LOW?;HIGH?;:POW:LIM:HIGH?", "0.00 V;80.00 V;0.00 A;60.00 A;5000 W"),
    ("SINK:CURR:LIM:LOW?;HIGH?;:SINK:POW:LIM:HIGH?", "0.00 A;60.00 A;5000 W"),
    ("VOLT:LIM:LOW 0;HIGH 80;:CURR:LIM:LOW 0;HIGH 60;:POW:LIM:HIGH 5kW", None),
    ("SINK:CURR:LIM:LOW 0;HIGH 60;:SINK:POW:LIM:HIGH 5000;:SINK:RES:LIM:HIGH 80;HIGH?", "80.000 OHM"),
    ("SINK:CURR:PROT MAX;:SINK:CURR:PROT?;:SINK:POW:PROT MAX;:SINK:POW:PROT?", "66.00 A;5500 W"),
    ("SYST:CONF:MODE UIP;MODE?;:SINK:RES MAX;RES?", "UIP;80.000 OHM"),
    ("STAT:QUES:ENAB 3072;:STAT:OPER:ENAB 1792;:STAT:QUES:ENAB?;:STAT:OPER:ENAB?", "3072;1792"),
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
    ("SYST:SINK:ALAR:COUN:OCUR?;OPOW?", "0;0"),
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
    assert client.ask("SYST:ERR?") == '-221,"Settings conflict"'
    assert client.ask("STAT:QUES:COND?;:STAT:QUES?") == "1024;3073"
    assert client.ask("SYST:ALAR:COUN:OVOL?;OVOL?") == "1;0"
    assert client.ask("OUTP ON;OUTP?;:SYST:ALAR:COUN:OVOL?") == "ON;0"


@pytest.mark.parametrize("alarm", ["OVP", "OCP"])
def test_reset_takes_control_and_clears_alarms(rig, alarm):
    client = rig.scpi("supply")
    rig.call(setattr, rig.world.supply, "pending_alarm", alarm)
    assert client.ask("*RST;SYST:LOCK:OWN?;:STAT:QUES:COND?;:OUTP?") == "REMOTE;1024;OFF"


def asked(instrument, message):
    return instrument.execute(message.encode()).decode().removesuffix("\n")


@pytest.fixture
def psb(rig):
    """The PSB without its socket, and the switch of its panel."""
    local = []
    return ea_supply.build(PSB_9080_60, rig.world.supply, lambda: bool(local)), local


def test_a_panel_in_local_refuses_remote_control_and_takes_it_away(psb):
    instrument, local = psb
    local.append(True)
    assert asked(instrument, "SYST:LOCK ON;LOCK:OWN?;:STAT:QUES:COND?") == "LOCAL;512"
    assert asked(instrument, "*RST;SYST:ERR:ALL?") == ",".join(['-201,"Invalid while in local"'] * 2)
    local.clear()
    assert asked(instrument, "SYST:LOCK ON;LOCK:OWN?") == "REMOTE"
    local.append(True)
    assert asked(instrument, "VOLT 5;SYST:ERR?") == '-201,"Invalid while in local"'
    local.clear()
    assert asked(instrument, "SYST:LOCK:OWN?") == "NONE"


def test_more_than_five_commands_are_too_many(psb):
    instrument, _ = psb
    assert asked(instrument, ";".join(["OUTP?"] * 6)) == "OFF;OFF;OFF;OFF;OFF"
    assert asked(instrument, "SYST:ERR?") == '-223,"Too much data"'


def test_adjustment_limits_bound_the_set_value_and_cannot_pass_it(psb):
    instrument, _ = psb
    asked(instrument, "SYST:LOCK ON;:VOLT 48;:VOLT:LIM:LOW 40;HIGH 60")
    assert asked(instrument, "VOLT 61;:VOLT 39;:VOLT:LIM:LOW 49;HIGH 47;:VOLT?") == "48.00 V"
    assert asked(instrument, "SYST:ERR:ALL?") == ",".join(['-222,"Data out of range"'] * 4)
    assert asked(instrument, "VOLT MAX;VOLT?;VOLT? MIN;VOLT:LIM:LOW?;HIGH?") == "60.00 V;40.00 V;40.00 V;60.00 V"


def test_a_sink_shows_in_bit_12_and_in_the_sign(psb, rig):
    instrument, _ = psb
    asked(instrument, "SYST:LOCK ON;:OUTP ON")
    rig.world.supply.measure = lambda: (48.0, -2.0)
    assert asked(instrument, "STAT:OPER:COND?;:MEAS:ARR?") == "4352;48.00 V, -2.00 A, -96 W"


def test_a_resistance_of_the_sink_acts_in_its_mode_only(psb, rig):
    instrument, _ = psb
    asked(instrument, "SYST:LOCK ON")
    assert asked(instrument, "SINK:RES 20;RES?;:SYST:CONF:MODE UIR;MODE?;:SINK:RES 10") == "20.000 OHM;UIR"
    asked(instrument, "SYST:CONF:MODE UIP")
    acts = [line.split(" ", 2)[2] for line in rig.world.sim.lines]
    assert acts == ["sink resistance 20.0", "sink resistance 10.0", "sink resistance None"]


@pytest.mark.parametrize("header", ["SINK:CURR?", "SYST:CONF:MODE?", "SYST:NOM:RES:MIN?", "INP?", "RES?"])
def test_a_ps_has_no_sink_and_no_resistance(rig, header):
    instrument = ea_supply.build(PS_9080_60, rig.world.supply)
    assert asked(instrument, "SYST:NOM:POW?") == "1500 W"
    assert asked(instrument, f"{header};:SYST:ERR?") == ""
    assert asked(instrument, "SYST:ERR?") == '-100,"Command error"'

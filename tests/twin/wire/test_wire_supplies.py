"""Supplies of several makers at their wire, and what their outputs do when a protection has tripped."""

import importlib

import pytest

from rig.twin.bench.supply_class import SUPPLIES
from rig.twin.wire.output import IdleStage

E36300 = [
    ("*IDN?", "Keysight Technologies,E36312A,MY59002345,2.1.0-1.0.4-1.12"),
    ("SYST:ERR?", '+0,"No error"'),
    ("VOLT 5,(@1);CURR 2,(@1);:VOLT:PROT 6,(@1)", None),
    ("VOLT 12.5,(@2,3);:SOUR:CURR:LEV:IMM:AMPL 500 mA,(@2)", None),
    ("VOLT? (@1:3)", "+5.00000000E+00,+1.25000000E+01,+1.25000000E+01"),
    ("CURR? (@1,2)", "+2.00000000E+00,+5.00000000E-01"),
    ("VOLT? MAX,(@1,2);VOLT? MIN", "+6.18000000E+00,+2.57500000E+01;+0.00000000E+00"),
    ("VOLT 7,(@1)", None),
    ("VOLT 7,(@4)", None),
    ("CURR", None),
    ("SYST:ERR?", '-222,"Data out of range"'),
    ("SYST:ERR?", '-222,"Data out of range"'),
    ("SYST:ERR?", '-109,"Missing parameter"'),
    ("VOLT:PROT? (@1);PROT:STAT? (@1);:CURR:PROT:STAT? (@1)", "+6.00000000E+00;1;0"),
    (
        "VOLT:PROT:STAT OFF,(@1);STAT?;:CURR:PROT:STAT ON,(@1);DEL 0.1,(@1);DEL? (@1);:CURR:PROT:STAT?",
        "0;+1.00000000E-01;1",
    ),
    ("VOLT:SENS EXT,(@2);SENS? (@1,2)", "INT,EXT"),
    ("INST:NSEL 2;NSEL?;:INST?;:VOLT?", "2;CH2;+1.25000000E+01"),
    ("INST CH1;:INST:NSEL?;:OUTP ON;OUTP? (@1,2)", "1;1,0"),
    ("MEAS:VOLT?;CURR?", "+5.00000000E+00;+0.00000000E+00"),
    ("OUTP ON,(@2);:MEAS:VOLT? (@2);:MEAS:CURR? (@2)", "+1.25000000E+01;+1.25000000E+00"),
    ("STAT:QUES:INST:ISUM1:COND?;:STAT:QUES:INST:ISUM3:COND?", "2;0"),
    ("VOLT:PROT:TRIP? (@2);:CURR:PROT:TRIP? (@2)", "0;0"),
    ("VOLT:PROT:CLE (@2);:CURR:PROT:CLE (@2);:OUTP:PROT:CLE (@2);:SYST:REM;:SYST:LOC", None),
    ("*RST;:OUTP? (@1:3);:VOLT? (@2);:INST:NSEL?", "0,0,0;+0.00000000E+00;1"),
]
N6700 = [
    ("*IDN?", "Keysight Technologies,N6700C,MY56000123,E.02.07.3066"),
    (
        "SYST:CHAN:COUN?;:SYST:CHAN:MOD? (@1:2);:SYST:CHAN:OPT? (@1);:SYST:CHAN:SER? (@2)",
        "2;N6745B,N6733B;0;MY56000123-2",
    ),
    ("VOLT? MIN,(@1);VOLT? MAX,(@1,2)", "+7.000000E-02;+6.120000E+01,+2.040000E+01"),
    ("VOLT:RANG? (@1);:CURR:RANG? (@2)", "+6.120000E+01;+2.550000E+00"),
    ("VOLT 48,(@1);CURR 1.5,(@1);VOLT? (@1);CURR? (@1)", "+4.800000E+01;+1.500000E+00"),
    ("VOLT 0,(@1)", None),
    ("VOLT 5", None),
    ("SYST:ERR?", '-222,"Data out of range"'),
    ("SYST:ERR?", '-109,"Missing parameter"'),
    ("VOLT:PROT 55,(@1);PROT? (@1);:CURR:PROT:STAT 1,(@1);STAT? (@1)", "+5.500000E+01;1"),
    ("CURR:PROT:DEL 0.05,(@1);DEL? (@1);:VOLT:SENS EXT,(@1);SENS? (@1)", "+5.000000E-02;EXT"),
    ("STAT:OPER:COND? (@1);:OUTP ON,(@1,2);OUTP? (@1,2);:STAT:OPER:COND? (@1,2)", "4;1,1;1,1"),
    ("MEAS:VOLT? (@1,2);:MEAS:CURR? (@1)", "+4.800000E+01,+3.000000E-02;+4.800000E+00"),
    ("STAT:QUES:COND? (@1);:OUTP:PROT:CLE (@1);:SYST:ERR?", '0;+0,"No error"'),
    ("*RST;:OUTP? (@1);:VOLT? (@1)", "0;+7.000000E-02"),
]
N7900 = [
    ("*IDN?", "Keysight Technologies,N7974A,MY54000456,B.03.00.1024"),
    ("FUNC VOLT;FUNC?;:VOLT? MIN;VOLT? MAX;:CURR:LIM? MAX", "VOLT;+8.000000E-02;+8.160000E+01;+2.550000E+01"),
    ("FUNC CURR", None),
    ("SYST:ERR?", '-221,"Settings conflict"'),
    ("VOLT 48;VOLT?;:CURR:LIM 5;LIM?;:CURR:LIM:NEG -1;NEG?", "+4.800000E+01;+5.000000E+00;-1.000000E+00"),
    ("VOLT:PROT 55;PROT?;:CURR:PROT:STAT ON;STAT?;DEL 0.1;DEL?", "+5.500000E+01;1;+1.000000E-01"),
    ("OUTP:PROT:MODE HIGHZ;MODE?;:OUTP:PROT:TEMP:MARG?", "HIGHZ;+4.000000E+01"),
    ("OUTP ON;OUTP?;:MEAS:VOLT?;CURR?", "1;+4.800000E+01;+4.800000E+00"),
    ("STAT:OPER:COND?;:STAT:QUES1:COND?;:STAT:QUES2:COND?;:OUTP:PROT:CLE", "+1;+0;+0"),
    ("STAT:QUES3:COND?", None),
    ("SYST:ERR?", '-222,"Data out of range"'),
    ("*RST;:OUTP?;:VOLT?", "0;+8.000000E-02"),
]
NGP800 = [
    ("*IDN?", "Rohde&Schwarz,NGP824,101234,02.015"),
    ("SYST:ERR?", '0,"No error"'),
    ("VOLT 48,(@1);CURR 2,(@1);VOLT? (@1);CURR? (@1)", "48.000;2.0000"),
    ("VOLT? MAX,(@1);CURR? MIN,(@1)", "64.050;0.0005"),
    ("VOLT:PROT 1,(@1);PROT:LEV 55,(@1);LEV? (@1);:VOLT:PROT? (@1,2)", "55.000;1,0"),
    ("FUSE ON,(@1);FUSE? (@1);FUSE:DEL 0.5,(@1);DEL? (@1)", "1;0.500"),
    ("VOLT:SENS EXT,(@1);SENS? (@1,2)", "EXT,AUTO"),
    ("INST:NSEL 2;NSEL?;:INST OUT3;INST?;:VOLT 5;VOLT?;VOLT? (@3)", "2;OUT3;5.000;5.000"),
    ("FUSE:LINK 1;LINK?;LINK 0;LINK?;UNL 4;LINK?;UNL 0", "1;1,2,4;1,2"),
    ("OUTP 1,(@1);OUTP? (@1,2);:MEAS:VOLT? (@1);:MEAS:CURR? (@1)", "1,0;48.000;4.8000"),
    ("STAT:QUES:INST:ISUM1:COND?;:STAT:QUES:INST:ISUM2:COND?", "2;0"),
    ("VOLT:PROT:TRIP? (@1);:FUSE:TRIP? (@1)", "0;0"),
    ("OUTP:GEN 0;GEN?;:OUTP? (@1);:OUTP:SEL 1,(@2);SEL? (@1:3);:OUTP:GEN 1;GEN?;:OUTP? (@1:3)", "0;0;1,1,0;1;1,1,0"),
    ("OUTP:SEL 0,(@2)", None),
    ("VOLT:PROT:CLE (@1);:FUSE:TRIP:CLE (@1);:PROT:CLE (@1);:SYST:REM;:SYST:LOC;:OUTP? (@1)", "1"),
    ("INST:NSEL 5", None),
    ("SYST:ERR?", '-222,"Data out of range"'),
    ("*RST;:OUTP? (@1);:VOLT? (@1);:INST:NSEL?", "0;0.000;1"),
]
DP800 = [
    ("*IDN?", "RIGOL TECHNOLOGIES,DP832,DP8C160400001,00.01.16"),
    ("*OPT?", "0"),
    (":SYST:ERR?", '0,"No error"'),
    (":SOUR1:VOLT 5;:SOURCE2:VOLTAGE:LEVEL:IMMEDIATE:AMPLITUDE 7.5;:SOUR1:CURR 0.5", None),
    (":SOUR1:VOLT?;:SOUR2:VOLT?;:SOUR1:CURR?;:SOUR3:VOLT? MAX", "5.000;7.500;0.5000;5.250"),
    (":INST:NSEL 2;NSEL?;:INST CH3;INST?;:VOLT 3;VOLT?;:SOUR3:VOLT?", "2;CH3;3.000;3.000"),
    (":CURR 1;CURR?;:VOLT:PROT 4;PROT?;:CURR:PROT 2;PROT?", "1.0000;4.000;2.0000"),
    (":OUTP:OVP CH1,ON;OVP? CH1;OVP:VAL CH1,8.8;VAL? CH1;QUES? CH1;ALAR? CH1", "ON;8.800;NO;NO"),
    (":OUTP:OCP CH1,ON;OCP? CH1;OCP:VAL CH1,3;VAL? CH1;QUES? CH1;ALAR? CH1", "ON;3.0000;NO;NO"),
    (":SOUR1:VOLT:PROT 6;PROT?;PROT:STAT OFF;STAT?;TRIP?", "6.000;OFF;NO"),
    (":SOUR1:CURR:PROT 1;PROT?;PROT:STAT OFF;STAT?;TRIP?", "1.0000;OFF;NO"),
    (":OUTP:SENS CH1,ON;:OUTP:SENS? CH1;:OUTP:MODE? CH1;:OUTP:CVCC? CH1", "NONE;CV;CV"),
    (":OUTP CH1,ON;:OUTP? CH1;:OUTP? CH2;:STAT:QUES:INST:ISUM1:COND?", "ON;OFF;2"),
    (":MEAS:VOLT? CH1;CURR? CH1;POWE? CH1;ALL? CH1", "5.0000;0.5000;2.500;5.0000,0.5000,2.500"),
    (":APPL CH2,6,1;:SOUR2:VOLT?;:SOUR2:CURR?", "6.000;1.0000"),
    (":OUTP ON;:OUTP?;:MEAS?", "ON;3.0000"),
    (":OUTP:OVP:CLE CH1;:OUTP:OCP:CLE CH1;:SOUR1:VOLT:PROT:CLE;:SOUR1:CURR:PROT:CLE;:SYST:REM;:SYST:LOC", None),
    (":SOUR1:VOLT 32", None),
    (":SOUR4:VOLT 1", None),
    (":OUTP CH4,ON", None),
    (":SYST:ERR?", '-222,"Data out of range"'),
    (":SYST:ERR?", '-222,"Data out of range"'),
    (":SYST:ERR?", '-224,"Illegal parameter value"'),
    ("*RST;:OUTP? CH1;:SOUR1:VOLT?;:INST:NSEL?", "OFF;0.000;1"),
]
GENESYS = [
    ("*IDN?", "LAMBDA,GEN60-40-LAN,S/N:123A456-01,2U5K:5.1.1-LAN:2.1"),
    ("SYST:ERR?", '0,"No error"'),
    ("VOLT 48;VOLT?;:CURR 10;CURR?;:VOLT:PROT:LEV 55;LEV?", "48.000;10.000;55.000"),
    ("VOLT? MAX;:VOLT:PROT? MAX", "63.000;66.000"),
    ("VOLT 53", None),
    ("SYST:ERR:ENAB;:SYST:ERR?", '0,"No error"'),
    ("VOLT 53", None),
    ("SYST:ERR?", '+301,"PV above OVP;address 06"'),
    ("VOLT:PROT:LEV 50", None),
    ("SYST:ERR?", '+304,"OVP below PV;address 06"'),
    ("VOLT?;:VOLT:PROT:LEV?;TRIP?;:CURR:PROT:TRIP?", "48.000;55.000;0;0"),
    ("SOUR:MODE?;:OUTP:STAT ON;:OUTP:STAT?;:SOUR:MODE?;:STAT:OPER:COND?", "OFF;1;CV;1"),
    ("MEAS:VOLT?;CURR?;:STAT:QUES:COND?", "48.000;4.800;0"),
    ("CURR:PROT:STAT ON;STAT?;:SYST:SET LOC;SET?;:STAT:OPER:COND?", "1;LOC;129"),
    ("*RST;:OUTP?;:VOLT?;:SYST:SET?", "0;0.000;REM"),
]
DIALOGUES = {
    "keysight_e36300": E36300,
    "keysight_n6700": N6700,
    "keysight_n7900": N7900,
    "rs_ngp800": NGP800,
    "rigol_dp800": DP800,
    "tdk_genesys": GENESYS,
}
STANDARD = {"*CLS", "*OPC", "*WAI", "*TST", "*ESR", "*ESE", "*SRE", "*STB", ":SYSTem:ERRor:ALL"}


@pytest.fixture
def instrument(fake_supply):
    def build(model):
        fake_supply.rating = SUPPLIES[model]
        return importlib.import_module(f"rig.twin.wire.{model}").build(fake_supply)

    return build


def say(instrument, message):
    return instrument.execute(message.encode()).decode().rstrip("\n") or None


@pytest.mark.parametrize("model", DIALOGUES)
def test_the_whole_table(instrument, converse, model):
    made = instrument(model)
    for message, reply in DIALOGUES[model]:
        assert (message, say(made, message)) == (message, reply)
    left = {header for header, _ in converse.uncovered(made, DIALOGUES[model])}
    assert left <= STANDARD


TRIPS = {
    # model: switched on by; what asks for a trip, and what it answers; what releases it; what asks for the output, its
    # answer while tripped; whether the release restores it
    "keysight_e36300": (
        "VOLT 5,(@2);:OUTP ON,(@2)",
        "VOLT:PROT:TRIP? (@2)",
        "1",
        "OUTP:PROT:CLE (@2)",
        "OUTP? (@2)",
        "1",
        True,
    ),
    "keysight_n6700": (
        "VOLT 5,(@1);:OUTP ON,(@1)",
        "STAT:QUES:COND? (@1)",
        "1",
        "OUTP:PROT:CLE (@1)",
        "OUTP? (@1)",
        "1",
        True,
    ),
    "keysight_n7900": ("VOLT 5;:OUTP ON", "STAT:QUES1:COND?", "+1", "OUTP:PROT:CLE", "OUTP?", "1", True),
    "rs_ngp800": (
        "VOLT 5,(@1);:OUTP 1,(@1)",
        "VOLT:PROT:TRIP? (@1)",
        "1",
        "VOLT:PROT:CLE (@1)",
        "OUTP? (@1)",
        "0",
        False,
    ),
    "rigol_dp800": (
        ":SOUR1:VOLT 5;:OUTP CH1,ON",
        ":OUTP:OVP:QUES? CH1",
        "YES",
        ":OUTP:OVP:CLE CH1",
        ":OUTP? CH1",
        "OFF",
        False,
    ),
    "tdk_genesys": ("VOLT 5;:OUTP ON", "STAT:QUES:COND?", "16", "OUTP OFF", "OUTP?", "0", False),
}


@pytest.mark.parametrize("model", TRIPS)
def test_a_trip_stays_until_it_is_released(instrument, fake_supply, model):
    turn_on, ask, tripped, release, shown, while_tripped, restored = TRIPS[model]
    made = instrument(model)
    say(made, turn_on)
    fake_supply.pending_alarm, fake_supply.output_on = "OVP", False
    assert say(made, ask) == tripped
    assert say(made, shown) == while_tripped
    assert say(made, release) is None
    assert say(made, ask) == {"YES": "NO", "+1": "+0"}.get(tripped, "0")
    assert fake_supply.output_on is restored


@pytest.mark.parametrize("model", ["keysight_e36300", "keysight_n6700", "keysight_n7900"])
def test_an_output_that_was_switched_off_after_its_trip_stays_off_with_the_release(instrument, fake_supply, model):
    turn_on, _, _, release, shown, _, _ = TRIPS[model]
    made = instrument(model)
    say(made, turn_on)
    fake_supply.pending_alarm, fake_supply.output_on = "OVP", False
    say(made, turn_on.split(";:")[1].replace("ON", "OFF"))
    say(made, release)
    assert say(made, shown) == "0"
    assert (fake_supply.output_on, fake_supply.pending_alarm) == (False, None)


@pytest.mark.parametrize("model", ["keysight_e36300", "rs_ngp800"])
def test_a_query_needs_a_space_before_its_list(instrument, model):
    assert say(instrument(model), "MEAS:VOLT?(@1);:SYST:ERR?") is None
    made = instrument(model)
    say(made, "MEAS:VOLT?(@1)")
    assert say(made, "SYST:ERR?") == '-103,"Invalid separator"'


def test_rigols_other_release_switches_on(instrument, fake_supply):
    made = instrument("rigol_dp800")
    say(made, ":SOUR1:VOLT 5;:OUTP CH1,ON")
    fake_supply.pending_alarm, fake_supply.output_on = "OCP", False
    assert say(made, ":OUTP:OCP:QUES? CH1;:STAT:QUES:INST:ISUM1:COND?") == "YES;8"
    say(made, ":SOUR1:CURR:PROT:CLE")
    assert fake_supply.output_on is True
    fake_supply.pending_alarm, fake_supply.output_on = "OVP", False
    assert say(made, ":OUTP:OVP:QUES? CH1;:STAT:QUES:INST:ISUM1:COND?") == "YES;4"


def test_foldback_is_released_by_arming_it_again_and_ovp_by_output_on(instrument, fake_supply):
    made = instrument("tdk_genesys")
    say(made, "VOLT 5;:CURR:PROT:STAT ON;:OUTP ON")
    fake_supply.pending_alarm, fake_supply.output_on = "OCP", False
    assert (
        say(made, "STAT:QUES:COND?;:OUTP OFF;:STAT:QUES:COND?;:CURR:PROT:STAT ON;:STAT:QUES:COND?;:OUTP?") == "8;8;0;0"
    )
    fake_supply.pending_alarm = "OVP"
    assert say(made, "OUTP ON;OUTP?;:STAT:QUES:COND?") == "1;0"


def test_a_tripped_fuse_takes_linked_outputs_with_it(instrument, fake_supply):
    made = instrument("rs_ngp800")
    say(made, "VOLT 5,(@1,2);:OUTP 1,(@1,2,3);:INST:NSEL 1;:FUSE:LINK 2")
    fake_supply.pending_alarm, fake_supply.output_on = "OCP", False
    assert say(made, "FUSE:TRIP? (@1);:OUTP? (@1,2,3);:STAT:QUES:INST:ISUM1:COND?") == "1;0,0,1;1024"
    say(made, "FUSE:TRIP:CLE (@1)")
    assert say(made, "FUSE:TRIP? (@1);:OUTP? (@1)") == "0;0"


def test_settings_reach_the_stage(instrument, fake_supply):
    made = instrument("rigol_dp800")
    fake_supply.sim.lines.clear()
    say(made, ":SOUR1:VOLT 5;:OUTP:OVP:VAL CH1,7;:OUTP:OVP CH1,ON;:OUTP:OVP CH1,OFF;:OUTP:OCP CH1,ON")
    assert [line.split(" ", 2)[2] for line in fake_supply.sim.lines] == [
        "voltage 5", "OVP 1000", "OVP 7", "OVP 1000", "OCP 3.3"
    ]  # fmt: skip
    made = instrument("rs_ngp800")
    fake_supply.sim.lines.clear()
    say(made, "FUSE 1,(@1);FUSE:DEL 0.5,(@1);:FUSE 0,(@1)")
    assert [line.split(" ", 2)[2] for line in fake_supply.sim.lines] == [
        "trip at limit 0.001", "trip at limit 0.5", "trip at limit None"
    ]  # fmt: skip


def test_an_output_with_open_terminals_follows_its_set_voltage():
    stage = IdleStage(SUPPLIES["rs_ngp800"])
    stage.set_voltage(12.0)
    seen = [stage.measure(), stage.regulation]
    stage.set_output(True)
    assert [*seen, stage.measure(), stage.regulation, stage.alarm()] == [(0.0, 0.0), "OFF", (12.0, 0.0), "CV", None]

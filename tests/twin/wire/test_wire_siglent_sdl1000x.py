"""The SDL1000X's command table over a real socket."""

import pytest

DIALOGUE = [
    ("*IDN?", "Siglent Technologies,SDL1030X,SDL13GCQ6R0001,1.1.1.21R2"),
    (":SOUR:FUNC?", "CURRENT"),
    (":SOUR:CURR:LEV:IMM 5", None),
    (":SOUR:CURR:LEV:IMM?", "5.000"),
    ("CURR?;:CURR? MAX", "5.000;30.000"),
    (":SOUR:CURR:IRANG 5;VRANG 36", None),
    (":SOUR:CURR:IRANG?;VRANG?;:SOUR:CURR:LEV:IMM? MAX", "5;36;5.000"),
    (":SOUR:CURR:LEV:IMM DEF;:SOUR:CURR:LEV:IMM?", "0.000"),
    (":SOURCE:FUNCTION RESistance;:FUNC?", "RESISTANCE"),
    (":SOUR:RES:LEV:IMM 21.6", None),
    (":SOUR:RES:LEV:IMM?", "21.600"),
    (":SOUR:RES:IRANG 30;VRANG 100;IRANG?;VRANG?", "30;150"),
    (":SOUR:VOLT:IRANG 30;VRANG 150;IRANG?;VRANG?;:SOUR:POW:IRANG 3;VRANG 30;IRANG?;VRANG?", "30;150;5;36"),
    (":SOUR:INP:STAT?", "0"),
    (":SOUR:INP:STAT ON;:INP?;:INPut:STATe?", "1;1"),
    ("MEAS:VOLT?;CURR?;POW?;RES?", "54.000000;2.500000;135.000000;21.600000"),
    (":SOUR:SHOR:STAT ON;STAT?", "1"),
    (":SHOR OFF;:SHORT?", "0"),
    (":INP 0;:INP?", "0"),
    (":SYST:ERR?", '0,"No error"'),
    (":SOUR:VOLT:LEV:IMM 12;IMM?;:FUNC VOLT;FUNC?;FUNC RES", "12.000;VOLTAGE"),
    (":SOUR:CURR:SLEW?;:CURR:SLEW 0.1;SLEW:POS?;NEG?", "0.500;0.100;0.100"),
    (":SOUR:CURR:SLEW:POS 0.5;NEG 0.2;POS?;NEG?;:CURR:SLEW:BOTH?", "0.500;0.200;0.500"),
    (":SOUR:POW:LEV:IMM 12;IMM?;:FUNC POW;FUNC?;FUNC RES", "12.000;POWER"),
    (":SOUR:RES:RRANG MIDDLE;RRANG?;:SYST:SENS ON;SENS?", "MIDDLE;1"),
    (":SYST:REM:STAT 1;STAT?;:FUNC:MODE?", "1;BASIC"),
    (":SOUR:VOLT:LEV:ON 10;ON?;:VOLT:LATC ON;LATC?;LATC:STAT OFF;STAT?", "10.000;1;0"),
    (":SOUR:CURR:PROT:STAT ON;LEV 7;DEL 2;STAT?;LEV?;DEL?", "1;7.000;2.000"),
    (":SOUR:POW:PROT:STAT ON;LEV 200;DEL 0.5;STAT?;LEV?;DEL?", "1;200.000;0.500"),
    (":SOUR:CURR:LEV:IMM 5.001", None),
    (":SOUR:FUNC LED", None),
    (":SOUR:POW:LEV:IMM 301", None),
    (":SOUR:RES:LEV:IMM 0.01", None),
    (":SOUR:CURR:LEV:IMM 1A", None),
    (
        ":SYST:ERR:ALL?",
        (
            '-222,"Data out of range",-221,"Settings conflict",-222,"Data out of range",'
            '-222,"Data out of range",-138,"Suffix not allowed"'
        ),
    ),
    ("*CLS;*RST;*WAI;*OPC;*ESE 0;*SRE 0", None),
    ("*OPC?;*ESR?;*ESE?;*SRE?;*STB?;*TST?;:FUNC?", "1;1;0;0;0;0;CURRENT"),
]


def test_the_whole_table(rig, converse):
    converse(rig.scpi("load"), DIALOGUE)


def test_no_row_is_left_out(rig, converse):
    assert converse.uncovered(rig.served.scpi["load"], DIALOGUE) == []


def test_a_level_acts_only_in_its_mode(rig):
    client = rig.scpi("load")
    assert client.ask(":RES 10;:CURR 2;*OPC?") == "1"
    assert rig.world.sim.lines == ["5000000000 load CURR 2"]
    assert client.ask(":FUNC RES;*OPC?") == "1"
    assert rig.world.sim.lines[1:] == ["10000000000 load RES 10"]


def test_a_short_is_the_lowest_resistance_and_ends_with_the_mode_before(rig):
    client = rig.scpi("load")
    client.ask(":CURR 2;:SHOR ON;:SHOR OFF;*OPC?")
    assert [line.partition(" ")[2] for line in rig.world.sim.lines] == ["load CURR 2", "load RES 0.03", "load CURR 2"]


def test_a_range_below_the_level_is_a_conflict(rig):
    client = rig.scpi("load")
    assert client.ask(":CURR 10;:CURR:IRANG 5;:CURR:IRANG?") == "30"
    assert client.errors() == '-221,"Settings conflict"'


@pytest.mark.parametrize("word", ["ON", "1", "on"])
def test_switch_words(rig, word):
    assert rig.scpi("load").ask(f":INP {word};:INP?") == "1"


def test_slew_von_and_protection_reach_the_physics_in_si(rig):
    client = rig.scpi("load")
    client.ask(":CURR:SLEW 0.1;SLEW:NEG 2;:VOLT:ON 10;:VOLT:LATC ON;:CURR:PROT:LEV 7;DEL 2;STAT ON;*OPC?")
    assert [line.partition(" load ")[2] for line in rig.world.sim.lines] == [
        "slew 100000 100000",
        "slew 100000 2e+06",
        "von 10 False",
        "von 10 True",
        "OCP None",
        "OCP None",
        "OCP (7.0, 2.0)",
    ]
    assert client.ask("*RST;:CURR:SLEW?;:VOLT:ON?;:VOLT:LATC?;:CURR:PROT:STAT?") == "0.500;0.000;0;0"
    assert [line.partition(" load ")[2] for line in rig.world.sim.lines[-4:]] == [
        "slew 500000 500000",
        "von 0 False",
        "OCP None",
        "OPP None",
    ]


def test_a_voltage_range_below_the_level_in_use_is_a_conflict(rig):
    client = rig.scpi("load")
    assert client.ask(":VOLT 48;:FUNC VOLT;:VOLT:VRANG 36;VRANG?") == "150"
    assert client.errors() == '-221,"Settings conflict"'


def test_slopes_stay_on_one_side_of_the_step_and_within_the_range_of_current(rig):
    client = rig.scpi("load")
    assert client.ask(":CURR:SLEW:POS 0.05;POS?;NEG?") == "0.050;0.050"
    assert client.ask(":CURR:SLEW 2;:CURR:IRANG 5;:CURR:SLEW:POS?;NEG?;POS? MAX") == "0.500;0.500;0.500"
    assert client.ask(":CURR:SLEW 2;:CURR:SLEW:POS?") == "0.500"
    assert client.errors() == '-222,"Data out of range"'

"""The SDL1000X's command table over a real socket."""

import pytest

DIALOGUE = [
    ("*IDN?", "Siglent Technologies,SDL1030X,SDL13GCQ6R0001,1.1.1.21R2"),
    (":SOUR:FUNC?", "CURR"),
    (":SOUR:CURR:LEV:IMM 5", None),
    (":SOUR:CURR:LEV:IMM?", "5.000"),
    ("CURR?;:CURR? MAX", "5.000;30.000"),
    (":SOUR:CURR:IRANG 5;VRANG 36", None),
    (":SOUR:CURR:IRANG?;VRANG?;:SOUR:CURR:LEV:IMM? MAX", "5;36;5.000"),
    (":SOUR:CURR:LEV:IMM DEF;:SOUR:CURR:LEV:IMM?", "0.000"),
    (":SOURCE:FUNCTION RESistance;:FUNC?", "RES"),
    (":SOUR:RES:LEV:IMM 21.6", None),
    (":SOUR:RES:LEV:IMM?", "21.600"),
    (":SOUR:RES:IRANG 30;VRANG 100;IRANG?;VRANG?", "30;150"),
    (":SOUR:VOLT:IRANG 30;VRANG 150;IRANG?;VRANG?;:SOUR:POW:IRANG 3;VRANG 30;IRANG?;VRANG?", "30;150;5;36"),
    (":SOUR:INP:STAT?", "0"),
    (":SOUR:INP:STAT ON;:INP?;:INPut:STATe?", "1;1"),
    ("MEAS:VOLT?;CURR?;POW?", "54.000000;2.500000;135.000000"),
    (":SOUR:SHOR:STAT ON;STAT?", "1"),
    (":SHOR OFF;:SHORT?", "0"),
    (":INP 0;:INP?", "0"),
    (":SYST:ERR?", '0,"No error"'),
    (":SOUR:CURR:LEV:IMM 5.001", None),
    (":SOUR:FUNC VOLT", None),
    (":SOUR:VOLT:LEV:IMM 12", None),
    (":SOUR:POW:LEV:IMM 12", None),
    (":SOUR:RES:LEV:IMM 0.01", None),
    (":SOUR:CURR:LEV:IMM 1A", None),
    (
        ":SYST:ERR:ALL?",
        (
            '-222,"Data out of range",-221,"Settings conflict",-221,"Settings conflict",-221,"Settings conflict",'
            '-222,"Data out of range",-138,"Suffix not allowed"'
        ),
    ),
    ("*CLS;*RST;*WAI;*OPC;*ESE 0;*SRE 0", None),
    ("*OPC?;*ESR?;*ESE?;*SRE?;*STB?;*TST?;:FUNC?", "1;1;0;0;0;0;CURR"),
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

"""The firmware of the Chroma 63600, a fake load in its channel 1."""

import pytest

from rig.twin.bench.load_class import CHROMA_63610
from rig.twin.wire import chroma_63600

DIALOGUE = [
    ("*IDN?", "CHROMA,63600-2,636102000123,1.92"),
    ("CONF:REM ON;REM?", "ON"),
    ("CHAN 1;CHAN?;:CHAN:ID?", "1;CHROMA,63610-80-20L,636102000123,1.92,1.92"),
    ("CHAN MAX;:CHAN?", "1"),
    ("CHAN:ACT OFF;ACT?;ACT ON", "OFF"),
    ("MODE?;MODE CCH;MODE?", "CCL;CCH"),
    ("CURR:STAT:L1 2.5;L2 1;L1?;L2?;L1? MAX", "2.50000;1.00000;20.00000"),
    ("CURR:STAT:RISE 0.5;FALL 0.25;RISE?;FALL?;RISE? MAX", "0.50000;0.25000;2.00000"),
    ("MODE CRM;:RES:STAT:L1 24;L1?", "24.00"),
    ("MODE CVH;:VOLT:STAT:L1 12;L1?;ILIM 5;ILIM?", "12.0000;5.0000"),
    ("MODE CPH;:POW:STAT:L1 54;L1?", "54.0000"),
    ("CONF:VOLT:ON 10;ON?;LATC ON;LATC?", "10.0000;ON"),
    ("LOAD ON;LOAD?", "ON"),
    ("MEAS:VOLT?;CURR?;POW?", "54.0000000;1.0000000;54.0000000"),
    ("FETC:VOLT?;CURR?;POW?;STAT?", "54.0000000;1.0000000;54.0000000;0"),
    ("MEAS:ALLV?;ALLC?;ALLP?", "54.0000000,0.0000000;1.0000000,0.0000000;54.0000000,0.0000000"),
    ("LOAD:SHOR ON;SHOR?;SHOR OFF;SHOR?", "ON;OFF"),
    ("LOAD:PROT?;:STAT:CHAN:COND?", "0;0"),
    ("LOAD:PROT:CLE;:LOAD OFF;:LOAD?", "OFF"),
    ("SYST:ERR?", '0,"No Error"'),
    ("SYST:LOC;:SYST:REM", None),
    ("*RST;:MODE?", "CCL"),
    ("*CLS;*WAI;*OPC;*ESE 0;*SRE 0;*OPC?;*ESR?;*ESE?;*SRE?;*STB?;*TST?;:SYST:ERR:ALL?", '1;1;0;0;0;0;0,"No Error"'),
]


@pytest.fixture
def load(bare):
    return bare(chroma_63600.build, CHROMA_63610)


def test_the_whole_table(load, converse):
    converse(load, DIALOGUE)
    assert converse.uncovered(load.instrument, DIALOGUE) == []


def test_a_channel_acts_for_itself_and_one_that_does_not_exist_leaves_the_old_one(load):
    assert load.ask("CHAN 2;:CHAN?;:CHAN:ID?") == "2;CHROMA,63610-80-20R,636102000123,1.92,1.92"
    assert load.ask("CHAN 2;:MODE CCH;:CURR:STAT:L1 5;:LOAD ON;:LOAD?;:MEAS:VOLT?") == "ON;0.0000000"
    assert load.told() == []
    assert load.ask("CHAN 1;:LOAD?;:CHAN 3;:CHAN?") == "OFF;1"


def test_the_range_is_in_the_mode_and_each_keeps_its_level(load):
    load.write("MODE CCL;:CURR:STAT:L1 0.1;:MODE CCH;:CURR:STAT:L1 5;:MODE CCL")
    assert load.ask("CURR:STAT:L1?;:MODE CCH;:CURR:STAT:L1?") == "0.10000;5.00000"
    assert [line for line in load.told() if line.startswith("CURR")] == [
        "CURR 0", "CURR 0.1", "CURR 0", "CURR 5", "CURR 0.1", "CURR 5",
    ]  # fmt: skip


def test_the_slew_of_a_range_in_si(load):
    load.write("MODE CCH;:CURR:STAT:RISE 2;FALL 0.004;:MODE CCM")
    assert load.told()[-2:] == ["CURR 0", "slew 20000 20000"]
    load.write("MODE CCH")
    assert load.told()[-1] == "slew 2e+06 4000"


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("MODE CCL;:CURR:STAT:L1 0.3", '2,"Data Range Error"'),
        ("MODE CRH;:RES:STAT:L1 5", '2,"Data Range Error"'),
        ("CURR:STAT:L3 0", '3,"Command Error"'),
        ("CURR:PROT 1", '3,"Command Error"'),
        ("CURR:STAT:L1 one", '1,"Data Format Error"'),
        ("MODE CCDH", '4,"Execution Error"'),
        ("MODE CC", '4,"Execution Error"'),
    ],
)
def test_errors_have_numbers_of_their_own_and_change_nothing(load, message, error):
    load.ask(message)
    assert load.errors() == error
    assert load.ask("CURR:STAT:L1?") == "0.00000"


def test_a_trip_stays_until_it_is_cleared(load):
    load.write("LOAD ON")
    load.load.pending_alarm, load.load.input_on = "OPP", False
    assert load.ask("STAT:CHAN:COND?;:LOAD ON;:LOAD?") == "8;OFF"
    assert load.ask("LOAD:PROT:CLE;:LOAD:PROT?;:LOAD?;:LOAD ON;:LOAD?") == "0;OFF;ON"

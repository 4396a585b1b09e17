"""The firmware of the B&K 8600 and the ITECH IT8500+, in front of a fake load."""

from functools import partial

import pytest

from rig.twin.bench.load_class import BK_8500B, BK_8600
from rig.twin.wire import bk_8600

DIALOGUE = [
    ("*IDN?", "B&K Precision, 8600, 802197036737120008, 1.37-1.42"),
    ("SYST:REM", None),
    ("FUNC?", "CURRENT"),
    ("CURR 5;CURR?;CURR? MAX", "5.0000;30.0000"),
    ("SOUR:CURR:LEV:IMM:AMPL 2.5;AMPL?", "2.5000"),
    ("CURR:RANG 3;RANG?;:CURR? MAX", "3.000;3.0000"),
    ("CURR:RANG 3.1;RANG?", "30.000"),
    ("CURR:SLEW 0.5;SLEW?;:CURR:SLEW:POS?;NEG?", "0;0.5000;0.5000"),
    ("CURR:SLEW:POS 0.2;NEG 0.1;POS?;NEG?", "0.2000;0.1000"),
    ("CURR:PROT 7;PROT?;:CURR:PROT:DEL 2;DEL?;STAT ON;STAT?", "7.000;2.000;1"),
    ("FUNC RES;FUNC?;:RES 21.6;RES?", "RESISTANCE;21.600"),
    ("FUNC VOLT;FUNC?;:VOLT:RANG 18;RANG?;:VOLT 12;VOLT?", "VOLTAGE;18.000;12.000"),
    ("FUNC POW;FUNC?;:POW 54;POW?", "POWER;54.000"),
    ("VOLT:ON 10;ON?;:VOLT:LATC ON;LATC?", "10.000;1"),
    ("INP 1;INP?", "1"),
    ("MEAS:VOLT?;CURR?;:FETC:VOLT?;CURR?;POW?", "54.00000;1.00000;54.00000;1.00000;54.00000"),
    ("INP:SHOR 1;SHOR?", "1"),
    ("INP:SHOR 0;SHOR?;:INP 0;INP?", "0;0"),
    ("REM:SENS ON;SENS?", "1"),
    ("STAT:QUES:COND?;ENAB 3;ENAB?", "0;3"),
    ("PROT:CLE", None),
    ("SYST:ERR?", '0,"No error"'),
    ("SYST:LOC", None),
    ("SYST:RWL;*RST;:CURR?;:FUNC?", "0.0000;CURRENT"),
    ("*CLS;*WAI;*OPC;*ESE 0;*SRE 0;*OPC?;*ESR?;*ESE?;*SRE?;*STB?;*TST?;:SYST:ERR:ALL?", '1;1;0;0;0;0;0,"No error"'),
]


@pytest.fixture
def load(bare):
    firmware = bare(partial(bk_8600.build, variant=bk_8600.BK_8600), BK_8600)
    firmware.write("SYST:REM")
    return firmware


@pytest.fixture
def itech(bare):
    firmware = bare(partial(bk_8600.build, variant=bk_8600.ITECH_IT8500), BK_8500B)
    firmware.write("SYST:REM")
    return firmware


def test_the_whole_table(load, converse):
    converse(load, DIALOGUE)
    assert converse.uncovered(load.instrument, DIALOGUE) == []


def test_settings_are_refused_in_local_control_and_queries_are_not(bare):
    load = bare(partial(bk_8600.build, variant=bk_8600.BK_8600), BK_8600)
    assert load.ask("CURR 5;CURR?") == "0.0000"
    assert load.errors() == '-200,"Execution error"'
    assert load.told() == []


def test_a_change_of_range_makes_level_and_slopes_its_maximum(load):
    assert load.ask("CURR 10;CURR:SLEW 1;:CURR:RANG 3;:CURR?;:CURR:SLEW:POS?;NEG?") == "3.0000;0.2500;0.2500"
    assert load.told() == ["CURR 10", "slew 1e+06 1e+06", "CURR 3", "slew 250000 250000"]
    assert load.errors() == '0,"No error"'


def test_a_slope_out_of_range_is_dropped_and_nobody_is_told(load):
    assert load.ask("CURR:SLEW:POS 6;POS?") == "0.1000"
    assert load.told() == []
    assert load.errors() == '0,"No error"'


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("CURR 31", '-222,"Data out of range"'),
        ("CURRR 1", '170,"Command keywords were not recognized"'),
        ("MEAS:POW?", '170,"Command keywords were not recognized"'),
        ("FUNC LED", '140,"Wrong type of parameter(s)"'),
        ("CURR 5 V", '130,"Wrong units for parameter"'),
        ("CURR", '150,"Wrong number of parameters"'),
    ],
)
def test_errors(load, message, error):
    load.ask(message)
    assert load.errors() == error


def test_a_tripped_input_stays_off_until_it_is_cleared(load):
    load.write("INP 1")
    load.load.pending_alarm, load.load.input_on = "OCP", False
    assert load.ask("INP 1;INP?;:STAT:QUES:COND?") == "0;24578"
    assert load.ask("PROT:CLE;:STAT:QUES:COND?;:INP?") == "0;0"
    assert load.ask("INP 1;INP?") == "1"


def test_the_protection_that_is_set_reaches_the_physics(load):
    load.write("CURR:PROT 7;PROT:DEL 2;STAT ON")
    assert load.told()[-1] == "OCP (7.0, 2.0)"


def test_the_itech_differs_in_edges_power_bits_and_modes(itech):
    assert itech.ask("*IDN?") == "B&K Precision, 8500B, 803328011797140029, 1.57"
    assert itech.ask("CURR:SLEW:RISE 0.2;FALL 0.3;RISE?;FALL?") == "0.2000;0.3000"
    assert itech.ask("INP 1;:MEAS:POW?;:FUNC RES;:INP?") == "0.00000;0"
    assert itech.ask("INP 1;FUNC RES;:INP?") == "1"
    itech.load.pending_alarm, itech.load.input_on = "OPP", False
    assert itech.ask("STAT:QUES:COND?") == "8"

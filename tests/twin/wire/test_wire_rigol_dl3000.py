"""The firmware of the Rigol DL3000, in front of a fake load."""

import pytest

from rig.twin.bench.load_class import RIGOL_DL3031A
from rig.twin.wire import rigol_dl3000

DIALOGUE = [
    ("*IDN?", "RIGOL TECHNOLOGIES,DL3031A,DL3D000000001,00.01.05.00.01"),
    (":SOUR:FUNC?;:FUNC:MODE?", "CC;FIX"),
    (":SOURCE:FUNCTION:MODE WAVe;MODE?;MODE FIX", "WAV"),
    (":SOUR:CURR:LEV:IMM 5;:CURR?;:CURR? MAX", "5.000000;60.000000"),
    (":CURR:RANG MIN;RANG?;RANG 6.1;RANG?", "6.000000;60.000000"),
    (":CURR:SLEW 0.5;SLEW:POS?;NEG 0.25;NEG?;BOTH?;POS 0.1", "0.500000;0.250000;0.500000"),
    (":CURR:VON 8;VON?;VLIM 60;VLIM?;ILIMT 10;ILIM?", "8.000000;60.000000;10.000000"),
    (":FUNC RES;FUNC?;:RES 20;RES?;RES:RANG?", "CR;20.000000;15000.000000"),
    (":RES:RANG 15000;VLIM 155;VLIM?;ILIM 70;ILIM?", "155.000000;70.000000"),
    (":FUNC VOLT;FUNC?;:VOLT 12;VOLT?;VOLT:RANG 150;RANG?", "CV;12.000000;150.000000"),
    (":VOLT:VLIM 155;VLIM?;ILIM 70;ILIM?", "155.000000;70.000000"),
    (":FUNC POW;FUNC?;:POW 54;POW?;POW:VLIM 155;VLIM?;ILIM 70;ILIM?", "CP;54.000000;155.000000;70.000000"),
    (":INP ON;INP?", "1"),
    (
        ":MEAS:VOLT?;CURR?;POW?;RES?;:FETC:VOLT?;CURR?;POW?;RES?",
        "54.000000;1.000000;54.000000;54.000000;54.000000;1.000000;54.000000;54.000000",
    ),
    (":INP:STAT 0;STAT?", "0"),
    (":SENS ON;SENS?", "1"),
    (":STAT:QUES:COND?;ENAB 3;ENAB?", "0;3"),
    (":SYST:ERR?", '0,"No error"'),
    (
        "*CLS;*RST;*WAI;*OPC;*ESE 0;*SRE 0;*OPC?;*ESR?;*ESE?;*SRE?;*STB?;*TST?;:SYST:ERR:ALL?",
        '1;1;0;0;0;0;0,"No error"',
    ),
]


@pytest.fixture
def load(bare):
    return bare(rigol_dl3000.build, RIGOL_DL3031A)


def test_the_whole_table(load, converse):
    converse(load, DIALOGUE)
    assert converse.uncovered(load.instrument, DIALOGUE) == []


def test_a_current_range_that_changes_sets_the_level_to_0(load):
    assert load.ask(":CURR 5;:CURR:RANG 60;:CURR?;:CURR:RANG 6;:CURR?;:CURR? MAX") == "5.000000;0.000000;6.000000"
    assert load.told() == ["CURR 5", "CURR 0"]


def test_a_resistance_range_that_does_not_hold_the_level_is_refused(load):
    assert load.ask(":RES 20;:RES:RANG 15;RANG?;:RES 15;:RES:RANG 15;RANG?") == "15000.000000;15.000000"
    assert load.errors() == '-221,"Settings conflict"'


def test_a_word_that_the_query_answers_is_none_that_the_setting_takes(load):
    assert load.ask(":FUNC CV;FUNC?") == "CC"
    assert load.errors() == '-220,"Parameter error"'


def test_programs_that_the_bench_has_not_are_a_conflict(load):
    assert load.ask(":FUNC:MODE LIST;MODE?") == "FIX"
    assert load.errors() == '-221,"Settings conflict"'


def test_the_start_voltage_is_latched_and_a_limit_follows_the_mode(load):
    load.ask(":CURR:VON 8;:CURR:ILIM 10;:FUNC RES;*RST;*OPC?")
    assert [line for line in load.told() if "von" in line or "OCP" in line] == [
        "von 8 True",
        "OCP (10.0, 0.001)",
        "OCP None",
        "von 0 False",
        "von 0 True",
        "OCP None",
    ]


@pytest.mark.parametrize(("alarm", "register"), [("OCP", "8194"), ("OPP", "8200")])
def test_a_trip_shows_in_the_questionable_status(load, alarm, register):
    load.load.pending_alarm = alarm
    assert load.ask(":STAT:QUES:COND?") == register

"""The F4T's command table over a real socket."""

import pytest

DIALOGUE = [
    ("*IDN?;:SYST:ERR?", 'Watlow Electric,F4T,5019,04:07:0012;0,"No error"'),
    (":UNIT:TEMPERATURE?;:SOURCE:CLOOP1:PVALUE?", "C;25.0"),
    (":SOURCE:CLOOP1:SPOINT?;:OUTPUT1:STATE?", "25.0;OFF"),
    (":SOURCE:CLOOP1:RACTION OFF;:SOUR:CLO1:ERR?", "NONE"),
    (":SOURCE:CLOOP1:SPOINT -10;:SOURCE:CLOOP1:SPOINT?", "-10.0"),
    (":OUTPUT1:STATE ON;:OUTP1?", "ON"),
    (":UNIT:TEMPERATURE F;:UNIT:TEMPERATURE?", "F"),
    (":SOURCE:CLOOP1:SPOINT?;:SOURCE:CLOOP1:PVALUE?", "14.0;77.0"),
    (":SOURCE:CLOOP1:SPOINT 113;:SOURCE:CLOOP1:SPOINT?", "113.0"),
    (":UNIT:TEMPERATURE C;:SOURCE:CLOOP1:SPOINT?", "45.0"),
    (":SOURCE:CLOOP1:SPOINT 131", None),
    (":SOURCE:CLOOP2:SPOINT 20", None),
    (":OUTPUT2:STATE ON", None),
    (":UNIT:TEMPERATURE K", None),
    (
        "SYST:ERR:ALL?",
        (
            '-222,"Data out of range",-114,"Header suffix out of range",-114,"Header suffix out of range",'
            '-224,"Illegal parameter value"'
        ),
    ),
]


def test_the_whole_table(serving, converse):
    rig = serving(chamber="watlow_f4t")
    client = rig.scpi("chamber")
    converse(client, DIALOGUE)
    assert [row for row in converse.uncovered(rig.served.scpi["chamber"], DIALOGUE) if row[0][0] != "*"] == []


def test_what_is_set_moves_nothing_before_it_is_on_and_a_power_cut_ends_it(serving):
    rig = serving(chamber="watlow_f4t")
    client, chamber = rig.scpi("chamber"), rig.world.chamber
    assert client.ask(":SOURCE:CLOOP1:SPOINT 45;:SOURCE:CLOOP1:SPOINT?") == "45.0"
    assert (chamber.set_point, chamber.on) == (pytest.approx(45.0), False)
    assert client.ask(":OUTPUT1:STATE ON;:OUTPUT1:STATE?") == "ON"
    assert chamber.on
    rig.served.units["chamber"].power_off()
    assert not chamber.on

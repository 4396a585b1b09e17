"""The 33522B's command table over a real socket."""

DIALOGUE = [
    ("*IDN?", "Agilent Technologies,33522B,MY52800001,3.03-1.19-2.00-52-00"),
    ("SYST:ERR?", '+0,"No error"'),
    ("FUNC?;:FREQ?;:OUTP?", "SIN;+1.000000000000000E+03;0"),
    ("VOLT?;:OUTP:LOAD?", "+1.000000000000000E-01;+5.000000000000000E+01"),
    ("OUTP:LOAD INF;:VOLT?", "+2.000000000000000E-01"),
    ("OUTP:LOAD?", "+9.900000000000000E+37"),
    ("SOUR:FUNC SIN;:FREQ 24.7 KHZ;FREQ?", "+2.470000000000000E+04"),
    ("VOLT 20;VOLT?", "+2.000000000000000E+01"),
    ("VOLT MAX;VOLT?;:VOLT MIN;VOLT?", "+2.000000000000000E+01;+2.000000000000000E-03"),
    ("OUTP:LOAD 50;:VOLT 10;VOLT?", "+1.000000000000000E+01"),
    ("VOLT:UNIT VPP;UNIT?;OFFS 0;OFFS?", "VPP;+0.000000000000000E+00"),
    ("OUTP ON;OUTP?", "1"),
    ("FUNC SQU", None),
    ("VOLT 10.1", None),
    ("VOLT:OFFS 1", None),
    ("FREQ 31E6", None),
    ("OUTP:LOAD 75", None),
    (
        "SYST:ERR:ALL?",
        (
            '-224,"Illegal parameter value",-222,"Data out of range",-222,"Data out of range",-222,"Data out of range",'
            '-224,"Illegal parameter value"'
        ),
    ),
    ("*RST;:OUTP?;:VOLT?", "0;+1.000000000000000E-01"),
]


def test_the_whole_table(serving, converse):
    rig = serving(generator="keysight_33500")
    client = rig.scpi("generator")
    converse(client, DIALOGUE)
    assert [row for row in converse.uncovered(rig.served.scpi["generator"], DIALOGUE) if row[0][0] != "*"] == []


def test_an_open_circuit_has_twice_what_50_ohm_have_and_nothing_while_it_is_off(serving):
    rig = serving(generator="keysight_33500")
    client, physics = rig.scpi("generator"), rig.world.generator
    assert client.ask("VOLT 1;:FREQ 50;:FREQ?") == "+5.000000000000000E+01"
    assert (physics.hertz, physics.amplitude) == (50.0, 0.0)
    assert client.ask("OUTP ON;OUTP?") == "1"
    assert physics.amplitude == 1.0  # 2 V from peak to peak
    assert client.ask("*RST;:OUTP?") == "0"
    assert physics.amplitude == 0.0

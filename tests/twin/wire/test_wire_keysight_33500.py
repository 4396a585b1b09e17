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
    ("DATA:VOL:CLE;:DATA:ARB:DAC T, -32767,0,0,0,0,0,16384,32767;:DATA:ATTR:POIN? T", "+8"),
    ("FUNC ARB", None),
    ("FUNC:ARB T;:FUNC ARB", None),
    ("FUNC:ARB:FILT OFF;:FUNC:ARB:SRAT 250E3;SRAT?;FILT?", "+2.500000000000000E+05;OFF"),
    ("FUNC:ARB 'none'", None),
    ('FUNC:ARB "t";:FUNC ARB;FUNC?', "ARB"),
    ("DATA:ARB:DAC T,1,2,3,4,5,6,7,8", None),
    ("DATA:ARB:DAC U,1,2,3,4,5,6,7", None),
    ("DATA:ARB:DAC U,1,2,3,4,5,6,7,32768", None),
    ("DATA:ARB:DAC HALF,0,0,0,0,0,0,0,32767;:FUNC:ARB HALF", None),
    ("FUNC:ARB:FILT NORM", None),
    (
        "SYST:ERR:ALL?",
        (
            '-221,"Settings conflict",-221,"Settings conflict",+786,"Specified arb waveform does not exist",'
            '+785,"Specified arb waveform already exists",-222,"Data out of range",-222,"Data out of range",'
            '-221,"Settings conflict",-221,"Settings conflict"'
        ),
    ),
    ("DATA:VOL:CLE;:FUNC?;:FUNC:ARB:FILT?", "SIN;OFF"),
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


CODES = (-32767, -12345, 0, 1, 77, 12345, 32767, 3)


def test_it_plays_the_very_samples_that_it_was_given_while_it_is_on(serving):
    rig = serving(generator="keysight_33500")
    client, physics = rig.scpi("generator"), rig.world.generator
    client.ask(f"OUTP:LOAD INF;:VOLT 0.04;:DATA:ARB:DAC T,{','.join(map(str, CODES))};:FUNC:ARB T;*OPC?")
    assert client.ask("FUNC:ARB:FILT OFF;:FUNC:ARB:SRAT 250000;:FUNC ARB;FUNC?") == "ARB"
    assert physics.samples == ()
    assert client.ask("OUTP ON;OUTP?") == "1"
    assert physics.samples == tuple(code / 32767 * 0.02 for code in CODES)
    assert physics.dt_ps == 4_000_000
    assert physics.amplitude == 0.0
    assert client.ask("FUNC SIN;FUNC?") == "SIN"
    assert (physics.samples, physics.amplitude) == ((), 0.02)
    assert client.ask("FUNC ARB;FUNC?;:DATA:VOL:CLE;:FUNC?") == "ARB;SIN"
    assert (physics.samples, physics.amplitude) == ((), 0.02)
    assert client.ask("SYST:ERR?") == '+0,"No error"'

"""The DMM6500's command table over a real socket; 1.234567 V are at its terminals."""

STAMP = "1;2024/01/01 00:00:00.000"
DIALOGUE = [
    ("*IDN?;*LANG?", "KEITHLEY INSTRUMENTS,MODEL DMM6500,04592448,1.7.12b;SCPI"),
    ("SYST:ERR?", '0,"No error;0;0 0"'),
    (":SENS:FUNC?;VOLT:RANG:AUTO?;:READ?", "VOLT:DC;1;1.234567E+00"),
    (":VOLT:RANG?;:FETC?", "10;1.234567E+00"),
    (':SENS:FUNC "CURR:DC";FUNC?', "CURR:DC"),
    (':FUNC "VOLTage";:SENSe:FUNCtion:ON?', "VOLT:DC"),
    (":SENS:VOLT:RANG 8;RANG?;RANG:AUTO?", "10;0"),
    (":SENS:VOLT:DC:RANG:UPP 0.1;UPP?", "0.1"),
    (":READ?", "9.9E+37"),
    ("VOLT:DC:RANG:AUTO ON;:READ?;:VOLT:RANG?", "1.234567E+00;10"),
    (":SENS:VOLT:NPLC 0.01;NPLC?;AZER OFF;AZER?", "0.01;0"),
    (":SENS:CURR:RANG 1e-5;RANG?;RANG:AUTO ON;AUTO?", "1E-05;1"),
    (":SENS:CURR:NPLC 10;NPLC?;AZER:STAT ON;STAT?", "10;1"),
    (':FUNC "CURR";:READ?', "0.000000E+00"),
    ("*LANG SCPI;:ABOR;:ROUT:TERM?", "FRON"),
    (":BOGUS 1", None),
    ('FUNC "RES"', None),
    ("FUNC VOLT", None),
    ("VOLT:RANG 1001", None),
    ("SYST:ERR:COUN?", "4"),
    (
        "SYST:ERR:ALL?",
        (
            f'-113,"Undefined header;{STAMP}",-224,"Illegal parameter value;{STAMP}",'
            f'-104,"Data type error;{STAMP}",-222,"Data out of range;{STAMP}"'
        ),
    ),
    ("*RST;:VOLT:RANG?", "1000"),
]


def test_the_whole_table(serving, converse):
    rig = serving(meter="keithley_dmm6500")
    client = rig.scpi("meter")
    converse(client, DIALOGUE)
    assert [row for row in converse.uncovered(rig.served.scpi["meter"], DIALOGUE) if row[0][0] != "*"] == []


def test_without_a_reading_there_is_nothing_to_fetch(serving):
    client = serving(meter="keithley_dmm6500").scpi("meter")
    client.write(":FETC?")
    assert client.ask("SYST:ERR?") == f'-230,"Data corrupt or stale;{STAMP}"'

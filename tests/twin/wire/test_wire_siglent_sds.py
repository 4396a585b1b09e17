"""Siglent's SDS2000X: command table, quirks, descriptor and blocks, over a real socket."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from rig.twin.wire import siglent_sds
from rig.twin.wire.siglent_sds_series import HD, PLUS

SECOND = 1_000_000_000
PS = 10**12

DIALOGUE = [
    ("*IDN?", "Siglent Technologies,SDS2354X Plus,SDS2PDDX5R1234,5.4.1.3.9R6"),
    (":TRIG:STAT?;MODE?;TYPE?", "Auto;AUTO;EDGE"),
    (":CHAN1:SWIT?;:CHANnel2:SWITch?", "ON;OFF"),
    (":CHAN2:SWIT ON;SWIT?", "ON"),
    (":CHAN1:COUP DC;COUP?;IMP ONEM;IMP?;BWL 20M;BWL?", "DC;ONEMeg;20M"),
    (":CHAN1:PROB VALue,10;PROB?;SCAL?;PROB VAL,1;PROB?;SCAL?", "1.00E+01;1.00E+01;1.00E+00;1.00E+00"),
    (":CHAN1:SCAL 0.5;SCAL?;OFFS -1.25;OFFS?", "5.00E-01;-1.25E+00"),
    (":CHAN1:OFFS 30;OFFS?;OFFS 0;SCAL 20;SCAL?", "2.00E+01;5.00E-01"),
    (":CHAN3:SCAL 0.1;OFFS 0.3;SCAL?;OFFS?", "1.00E+00;0.00E+00"),
    (":TRIG:EDGE:SOUR C1;SOUR?;SOUR C3;SOUR?;SOUR C1;SLOP FALL;SLOP?", "C1;LINE;FALLing"),
    (":TRIG:EDGE:LEV 0.412;LEV?;LEV -9;LEV?;SLOP RIS", "4.08E-01;-2.05E+00"),
    (":TRIG:TYPE EDGE", None),
    (":CHAN4:BWL 200M;COUP AC;:TRIG:TYPE PULS;:TRIG:EDGE:SLOP ALT;:CHAN9:SWIT ON", None),
    (":ACQ:TYPE NORM;TYPE?;RES?", "NORMal;8Bits"),
    (":TIM:DEL 1e-4;DEL?", "1.00E-04"),
    (":WAV:SOUR C2;SOUR?;WIDT WORD;WIDT?;STAR 5;STAR?;INT 2;INT?;POIN 100;POIN?;MAXP?", "C2;WORD;5;2;100;5000000"),
    (":TRIG:RUN;STOP;STAT?;MODE NORM;MODE?", "Stop;NORMal"),
    ("CHDR OFF", None),
    ("*RST;:TRIG:STAT?;:CHAN1:SCAL?", "Auto;1.00E+00"),
]


@pytest.fixture
def plus(serving):
    return serving(scope="siglent_sds2000x_plus")


@pytest.fixture
def clock(plus):
    return plus.clock(owner=True)


@pytest.fixture
def scope(plus, clock):
    """Four channels, 1 MS/s, 100 k points, trigger 20 % into the window."""
    client = plus.scpi("scope")
    for n in range(1, 5):
        client.write(f":CHAN{n}:SWIT ON;SCAL 0.5;OFFS {-0.5 * n}")
    client.write(":ACQ:MMAN FSR;:TIM:SCAL 0.01;:ACQ:SRAT 1e6;:TIM:DEL 0.03;:TRIG:EDGE:SOUR C2;LEV 1.5")
    return client


def block(client, message, width=1):
    """A block that ends with two line feeds, and what its header counts."""
    client.write(message)
    assert client.file.read(2) == b"#9"
    counted = int(client.file.read(9))
    data = client.file.read(counted * width)
    assert client.file.read(2) == b"\n\n"
    return counted, data


def test_the_whole_table(plus, converse):
    converse(plus.scpi("scope"), DIALOGUE)
    later = ("TIMebase:SCALe", "ACQuire", "WAVeform:PRE", "WAVeform:DATA")
    missing = converse.uncovered(plus.served.scpi["scope"], DIALOGUE)
    assert [row for row in missing if row[0][0] != "*" and not row[0][1:].startswith((*later, "SYST"))] == []


def test_rate_and_scale_read_back_late(plus, scope, clock):
    assert scope.ask(":ACQ:SRAT?;POIN?") == "1.00E+09;1.00E+04"
    clock.ask(op="sleep", ns=60_000_000)
    assert scope.ask(":ACQ:SRAT?;POIN?;MDEP?;MMAN?;:TIM:SCAL?") == "1.00E+06;1.00E+05;1.00E+05;FSRate;1.00E-02"


def test_what_a_stopped_scope_ignores(plus, scope, clock):
    clock.ask(op="sleep", ns=60_000_000)
    scope.write(":TRIG:STOP;:TIM:SCAL 1;:ACQ:SRAT 1e3;:ACQ:MDEP 10k;:ACQ:MMAN FMD;:ACQ:RES 10Bits")
    clock.ask(op="sleep", ns=60_000_000, sent={"scope": scope.sent})
    assert scope.ask(":TIM:SCAL?;:ACQ:SRAT?;MMAN?;RES?") == "1.00E-02;1.00E+06;FSRate;8Bits"
    scope.write(":TRIG:MODE AUTO;:ACQ:MMAN FMD;MDEP 10k;RES 10Bits")
    clock.ask(op="sleep", ns=60_000_000, sent={"scope": scope.sent})
    assert scope.ask(":ACQ:SRAT?;POIN?;RES?") == "1.00E+05;1.00E+04;10Bits"


def test_single_goes_through_all_states_and_says_stop_at_first(plus, scope, clock):
    assert scope.ask(":TRIG:STOP;:TRIG:MODE SING;:TRIG:STAT?") == "Stop"
    clock.ask(op="sleep", ns=19_000_000)
    assert scope.ask(":TRIG:STAT?") == "Arm" if plus.world.sim.now_ps < 0.02 * PS else "Ready"
    clock.ask(op="sleep", ns=20_000_000)
    assert scope.ask(":TRIG:STAT?") == "Ready"
    assert [asked[1:] for asked in plus.world.digitizer.asked] == [(2, 1.5, 1)]
    now = clock.ask(op="now", sent={"scope": scope.sent})["now"]
    clock.ask(op="sleep", ns=SECOND + 40_000_000 - now)
    assert scope.ask(":TRIG:STAT?") == "Trig'd"
    clock.ask(op="sleep", ns=SECOND)
    assert scope.ask(":TRIG:STAT?") == "Stop"


def test_the_descriptor_and_a_page(plus, scope, clock):
    scope.write(":TRIG:MODE SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    scope.write(":WAV:SOUR C3;WIDT BYTE")
    counted, desc = block(scope, ":WAV:PRE?")
    assert (counted, desc[:8]) == (346, b"WAVEDESC")
    assert struct.unpack_from("<2h", desc, 32) == (0, 0)
    assert struct.unpack_from("<i", desc, 116) == (100_000,)
    gain, offset, code_per_div = struct.unpack_from("<3f", desc, 156)
    assert (gain, offset, code_per_div) == (0.5, -1.5, 30.0)
    assert struct.unpack_from("<f", desc, 176) == (pytest.approx(1e-6),)
    assert struct.unpack_from("<d", desc, 180) == (0.03,)
    assert struct.unpack_from("<h", desc, 344) == (2,)
    counted, data = block(scope, ":WAV:DATA?")
    codes = np.frombuffer(data, np.int8)
    expected = np.minimum((np.arange(100_000) + 32768 + 3).astype(np.uint16).astype(int) + 128, 65535) // 256 - 128
    assert counted == 100_000
    assert np.array_equal(codes, expected)
    assert plus.world.digitizer.asked[-1] == (3, 0.5, -1.5, PS - 20_000_000_000, 1e6, 100_000)
    counted, data = block(scope, ":WAV:STAR 90000;INT 4;POIN 10;:WAV:DATA?")
    assert np.array_equal(np.frombuffer(data, np.int8), expected[90_000:90_040:4])


def test_old_firmware_counts_samples_in_words(plus, scope, clock):
    scope.write(":ACQ:RES 10Bits;:TRIG:MODE SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    counted, data = block(scope, ":WAV:SOUR C1;WIDT WORD;:WAV:DATA?", width=2)
    codes = np.frombuffer(data, "<i2")
    assert (counted, len(codes)) == (100_000, 100_000)
    assert not (codes % 64).any(), "ten bits at the upper end"
    scope.write(":TRIG:MODE AUTO;:ACQ:RES 8Bits;:TRIG:STOP")
    _, data = block(scope, ":WAV:DATA?", width=2)
    assert not (np.frombuffer(data, "<i2") % 256).any()


def test_without_a_record_there_is_a_descriptor_without_points_and_no_data(plus, scope, clock):
    scope.write(":TRIG:MODE SING;:TRIG:STOP")
    _, desc = block(scope, ":WAV:PRE?")
    assert struct.unpack_from("<i", desc, 116) == (0,)
    scope.write(":WAV:DATA?")
    assert scope.ask(":TRIG:STAT?") == "Stop", "nothing answered the query for data"


def test_behind_the_end_of_the_record_nothing_answers(plus, scope, clock):
    scope.write(":TRIG:MODE SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    scope.write(":WAV:STAR 100000;:WAV:DATA?")
    assert scope.ask(":WAV:STAR?") == "100000"


@pytest.mark.parametrize(("series", "bits"), [(HD, 12), (replace(PLUS, page=300), 8)])
def test_pages_are_as_long_as_the_firmware_likes(plus, clock, series, bits):
    """No socket: 1000 points in pages of 300, whatever it says; HD codes are of twelve bits."""
    world = plus.world
    clock.ask(op="sleep", ns=SECOND)
    scope = siglent_sds.build(replace(series, page=300), world.digitizer, world.sim)
    scope.execute(b":ACQ:MMAN FSR;:TIM:SCAL 1e-4;:ACQ:SRAT 1e6;:TRIG:MODE AUTO;STOP")
    assert scope.execute(b":WAV:MAXP?") == b"5000000\n"
    reply = scope.execute(b":WAV:WIDT WORD;STAR 900;:WAV:DATA?")
    assert len(reply) == 11 + 2 * 100 + 2
    reply = scope.execute(b":WAV:STAR 0;:WAV:DATA?")
    assert len(reply) == 11 + 2 * 300 + 2
    assert not (np.frombuffer(reply[11:-2], "<i2") % (1 << 16 - bits)).any()

"""The DHO804's command table, its acquisition in bench time and its waveform blocks, over a real socket."""

import numpy as np
import pytest

SECOND = 1_000_000_000
PS = 10**12

DIALOGUE = [
    ("*IDN?", "RIGOL TECHNOLOGIES,DHO804,DHO8A254000001,00.01.04"),
    (":TRIG:STAT?;:TRIG:SWE?", "AUTO;AUTO"),
    (":STOP;:TRIG:STAT?", "STOP"),
    (":CHAN1:DISP?;:CHAN2:DISP?", "1;0"),
    (":CHANnel4:DISPlay ON;DISP?", "1"),
    (":CHAN1:COUP DC;COUP?", "DC"),
    (":CHAN1:PROB 10;PROB?;SCAL?;PROB 1;PROB?;SCAL?", "10;5.000000E-01;1;5.000000E-02"),
    (":CHAN1:SCAL 0.5;OFFS -1.5;BWL 20M", None),
    (":CHAN1:SCAL?;OFFS?;BWL?", "5.000000E-01;-1.500000E+00;20M"),
    (":TIM:MAIN:SCAL 0.0001;OFFS 0.0004", None),
    (":TIM:SCAL?;:TIM:OFFS?;:TIM:MAIN?", "1.000000E-04;4.000000E-04;4.000000E-04"),
    (":ACQ:MDEP 1M;MDEP?;SRAT?;TYPE?", "1.000E+06;6.250000000E+08;NORM"),
    (":ACQ:MDEP 1e5;MDEP?;SRAT?", "1.000E+05;1.000000000E+08"),
    (":ACQ:TYPE NORM;MDEP AUTO;MDEP?;MDEP 10000;MDEP?", "1.000E+05;1.000E+04"),
    (":TRIG:MODE EDGE;MODE?", "EDGE"),
    (":TRIG:EDGE:SOUR CHAN1;SLOP NEG;LEV 1.25", None),
    (":TRIG:EDGE:SOUR?;SLOP?;LEV?", "CHAN1;NEG;1.250000E+00"),
    (":TRIG:SWE NORM;SWE?", "NORM"),
    (":TRIG:HOLD 0.25;HOLD?;HOLD 8e-9;HOLD?", "2.500000E-01;8.000000E-09"),
    (":WAV:SOUR CHAN4;MODE RAW;FORM WORD;STAR 1;STOP 10000", None),
    (":WAV:SOUR?;MODE?;FORM?;STAR?;STOP?", "CHAN4;RAW;WORD;1;10000"),
    (":WAV:PRE?", "1,2,10000,1,8.000000000E-10,-4.000000000000E-06,0,6.103515625E-06,0,32768"),
    (":WAV:XINC?;XOR?;XREF?;YINC?;YOR?;YREF?", "8.000000000E-10;-4.000000000000E-06;0;6.103515625E-06;0;32768"),
    (":WAV:DATA?", "#9000000000"),
    (":SYST:ERR?", '-221,"Settings conflict"'),
    (":RUN;:TRIG:STAT?", "RUN"),
    (":TFOR;:SING;:CLE;:STOP", None),
    (":SYST:ERR?", '0,"No error"'),
    (":CHAN5:SCAL 1", None),
    (":CHAN1:SCAL 1V", None),
    (":CHAN1:COUP AC", None),
    (":CHAN1:OFFS 21", None),
    (":CHAN1:SCAL 20", None),
    (":ACQ:MDEP 3k", None),
    (":ACQ:MDEP 25M", None),
    (":TRIG:EDGE:LEV 5", None),
    (":TRIG:HOLD 11", None),
    (":TRIG:MODE PULS", None),
    (":WAV:FORM ASC", None),
    (":WAV:STOP 100001", None),
    (":TIM:MAIN:OFFS 2", None),
    (":NOSUCH", None),
    (
        ":SYST:ERR:ALL?",
        (
            '-114,"Header suffix out of range",-138,"Suffix not allowed",-221,"Settings conflict",'
            '-222,"Data out of range",'
            '-222,"Data out of range",-224,"Illegal parameter value",-221,"Settings conflict",-222,"Data out of range",'
            '-222,"Data out of range",'
            '-221,"Settings conflict",-221,"Settings conflict",-222,"Data out of range",-222,"Data out of range",'
            '-113,"Undefined header; command cannot be found"'
        ),
    ),
    ("*CLS;*WAI;*OPC;*ESE 0;*SRE 0", None),
    ("*ESR?;*ESE?;*SRE?;*STB?;*TST?;*OPC?", "1;0;0;0;0;1"),
    ("*RST", None),
    (":CHAN1:SCAL?;:TRIG:STAT?;:ACQ:MDEP?", "5.000000E-02;AUTO;1.000E+04"),
]


def test_the_whole_table(rig, converse):
    converse(rig.scpi("scope"), DIALOGUE)


def test_no_row_is_left_out(rig, converse):
    assert converse.uncovered(rig.served.scpi["scope"], DIALOGUE) == []


@pytest.fixture
def clock(rig):
    return rig.clock(owner=True)


@pytest.fixture
def scope(rig, clock):
    """Four channels, 1 MS/s, 100 k points, trigger 20 % into the window."""
    client = rig.scpi("scope")
    for n in range(1, 5):
        client.write(f":CHAN{n}:DISP ON;SCAL 0.5;OFFS {-0.5 * n}")
    client.write(":TIM:MAIN:SCAL 0.01;OFFS 0.03;:ACQ:MDEP 100k;:TRIG:EDGE:SOUR CHAN2;SLOP POS;LEV 1.5")
    assert client.ask(":SYST:ERR?") == '0,"No error"'
    return client


def test_single_goes_through_all_states_by_bench_time(rig, scope, clock):
    assert scope.ask(":SING;:TRIG:STAT?") == "RUN"  # the 20 ms before the trigger are filling up
    assert rig.world.digitizer.asked == []
    clock.ask(op="sleep", ns=20_000_000)
    assert scope.ask(":TRIG:STAT?") == "WAIT"
    assert [asked[1:] for asked in rig.world.digitizer.asked] == [(2, 1.5, 1)]
    clock.ask(op="sleep", ns=SECOND)
    assert rig.world.sim.now_ps > PS
    assert scope.ask(":TRIG:STAT?") == "TD" if rig.world.sim.now_ps < 1.07 * PS else "STOP"
    clock.ask(op="sleep", ns=SECOND)
    assert scope.ask(":TRIG:STAT?") == "STOP"


def test_the_end_of_the_window_is_the_end_of_the_acquisition(rig, scope, clock):
    scope.write(":SING")
    now = clock.ask(op="now", sent={"scope": scope.sent})["now"]
    clock.ask(op="sleep", ns=SECOND + 76_000_000 - now)  # the scope's latency is 4 ms: it looks at 1.08 s
    assert scope.ask(":TRIG:STAT?") == "STOP"
    scope.write(":SING")
    now = clock.ask(op="now", sent={"scope": scope.sent})["now"]
    clock.ask(op="sleep", ns=2 * SECOND + 75_990_000 - now)
    assert scope.ask(":TRIG:STAT?") == "TD"


def test_a_trigger_before_the_window_is_filled_is_ignored(rig, scope, clock):
    now = clock.ask(op="now", sent={"scope": scope.sent})["now"]
    clock.ask(op="sleep", ns=SECOND - 15_000_000 - now)
    scope.write(":SING")  # armed at 0.989 s, filled at 1.009 s: the crossing at 1 s is too early
    now = clock.ask(op="now", sent={"scope": scope.sent})["now"]
    assert now == SECOND - 11_000_000
    clock.ask(op="sleep", ns=SECOND // 2)
    assert scope.ask(":TRIG:STAT?") == "WAIT"
    clock.ask(op="sleep", ns=SECOND)
    assert scope.ask(":TRIG:STAT?") == "STOP"


def test_waveforms_page_by_page(rig, scope, clock):
    scope.write(":SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    for n in range(1, 5):
        scope.write(f":WAV:SOUR CHAN{n};MODE RAW;FORM WORD;STAR 1;STOP 60000")
        first = scope.block(":WAV:DATA?")
        scope.write(":WAV:STAR 60001;STOP 100000")
        second = scope.block(":WAV:DATA?")
        codes = np.frombuffer(first + second, "<u2")
        assert np.array_equal(codes, (np.arange(100_000) + 32768 + n).astype(np.uint16))
    pre = scope.ask(":WAV:STAR 1;:WAV:PRE?").split(",")
    assert pre[:4] == ["1", "2", "100000", "1"]
    xincrement, xorigin, yincrement, yorigin = (float(pre[k]) for k in (4, 5, 7, 8))
    assert xincrement == 1e-6
    assert yincrement == pytest.approx(8 * 0.5 / 65536)
    assert (32768 - yorigin - float(pre[9])) * yincrement == 2.0  # the screen's middle lies at -OFFSet
    channel, volts_per_div, offset, start_ps, dt_ps, n = rig.world.digitizer.asked[-1]
    assert (channel, volts_per_div, offset, dt_ps, n) == (4, 0.5, -2.0, 1e6, 100_000)
    assert start_ps == PS + round(xorigin * PS)
    assert -20e-3 <= xorigin < -20e-3 + 1e-6  # on the converter's own grid
    assert (start_ps - 32_000_000_000) % 10**6 == 0


def test_bytes_are_the_upper_half(rig, scope, clock):
    scope.write(":SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    scope.write(":WAV:SOUR CHAN1;MODE RAW;FORM BYTE;STAR 1;STOP 100000")
    expected = ((np.arange(100_000) + 32769).astype(np.uint16) >> 8).astype(np.uint8)
    assert scope.block(":WAV:DATA?") == expected.tobytes()
    assert scope.ask(":WAV:PRE?").split(",")[7:] == ["1.562500000E-02", "-32", "128"]


def test_screen_data(rig, scope, clock):
    scope.write(":SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    scope.write(":WAV:SOUR CHAN1;MODE NORM;FORM WORD")
    assert len(scope.block(":WAV:DATA?")) == 2000
    assert rig.world.digitizer.asked[-1] == (1, 0.5, -0.5, PS - 20_000_000_000, 1e8, 1000)
    assert scope.ask(":WAV:XINC?;XOR?") == "1.000000000E-04;-2.000000000000E-02"


def test_raw_is_refused_before_the_stop(rig, scope):
    scope.write(":SING;:WAV:SOUR CHAN1;MODE RAW;FORM WORD;STAR 1;STOP 100000")
    assert scope.block(":WAV:DATA?") == b""
    assert scope.errors() == '-221,"Settings conflict"'
    scope.write(":STOP")  # nothing was triggered: there is no memory
    assert scope.block(":WAV:DATA?") == b""
    assert scope.errors() == '-221,"Settings conflict"'


def test_a_channel_that_was_off_has_no_data(rig, scope, clock):
    scope.write(":CHAN3:DISP OFF;:SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    scope.write(":CHAN3:DISP ON;:WAV:SOUR CHAN3;MODE RAW;FORM WORD")
    assert scope.block(":WAV:DATA?") == b""
    assert scope.errors() == '-221,"Settings conflict"'


def test_force_waits_for_the_window_too(rig, scope, clock):
    scope.write(":SING;:TFOR")
    assert scope.ask(":TRIG:STAT?") == "RUN"
    clock.ask(op="sleep", ns=30_000_000)
    assert scope.ask(":TRIG:STAT?") == "TD"
    clock.ask(op="sleep", ns=80_000_000)
    assert scope.ask(":TRIG:STAT?") == "STOP"


def test_normal_sweep_arms_again_and_keeps_the_last_record(rig, scope, clock):
    scope.write(":TRIG:SWE NORM;:RUN")
    clock.ask(op="sleep", ns=SECOND // 2 + 3 * SECOND, sent={"scope": scope.sent})
    assert scope.ask(":TRIG:STAT?") == "WAIT"
    scope.write(":STOP;:WAV:SOUR CHAN1;MODE RAW;FORM WORD;STAR 1;STOP 10")
    assert len(scope.block(":WAV:DATA?")) == 20
    assert 2.9 * PS < rig.world.digitizer.asked[-1][3] < 3 * PS


def test_free_running_keeps_what_the_screen_shows_at_the_stop(rig, scope, clock):
    assert scope.ask(":RUN;:TRIG:STAT?") == "AUTO"
    clock.ask(op="sleep", ns=SECOND)
    scope.write(":STOP;:WAV:SOUR CHAN1;MODE RAW;FORM WORD;STAR 1;STOP 10")
    assert len(scope.block(":WAV:DATA?")) == 20
    _, _, _, start_ps, dt_ps, n = rig.world.digitizer.asked[-1]
    assert start_ps + n * dt_ps <= rig.world.sim.now_ps


@pytest.mark.parametrize(
    ("channels", "deepest", "rate"), [(1, 25, 1.25e9), (2, 10, 625e6), (3, 5, 312.5e6), (4, 5, 312.5e6)]
)
def test_depth_and_rate_by_channels(rig, channels, deepest, rate):
    client = rig.scpi("scope")
    for n in range(1, channels + 1):
        client.write(f":CHAN{n}:DISP ON")
    assert client.ask(f":ACQ:MDEP {deepest}M;:TIM:MAIN:SCAL 1e-6;:ACQ:MDEP?;SRAT?") == f"{deepest * 1e6:.3E};{rate:.9E}"
    client.write(f":ACQ:MDEP {2 * deepest if deepest == 5 else 25 if deepest == 10 else 50}M")
    assert client.errors()[0] == "-" or channels == 1


def test_displayed_volts_follow_the_probe_and_the_input_does_not(rig, clock):
    client = rig.scpi("scope")
    client.write(":CHAN1:PROB 10;SCAL 5;OFFS -20;:TIM:MAIN:SCAL 0.001;:ACQ:MDEP 1k;:TRIG:EDGE:LEV 12;:SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": client.sent})
    client.write(":WAV:MODE RAW;FORM WORD;STAR 1;STOP 1000")
    assert len(client.block(":WAV:DATA?")) == 2000
    assert rig.world.digitizer.asked[0][1:] == (1, 1.2, 1)
    assert rig.world.digitizer.asked[-1][:3] == (1, 0.5, -2.0)
    assert client.ask(":WAV:YINC?") == f"{5 / 8192:.9E}"


def test_the_hold_off_keeps_the_next_trigger_away(rig, scope, clock):
    scope.write(":TRIG:HOLD 2.5;SWE NORM;:RUN")  # the input has an edge at every whole second
    clock.ask(op="sleep", ns=8 * SECOND, sent={"scope": scope.sent})
    armed = [asked[0] / PS for asked in rig.world.digitizer.asked]
    assert armed == [pytest.approx(0.04, abs=0.02), 3.5, 6.5]


def test_the_bandwidth_limit_is_the_one_that_the_acquisition_began_with(rig, scope, clock):
    scope.write(":CHAN2:BWL 20M;:SING")
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": scope.sent})
    scope.write(":CHAN2:BWL OFF;:WAV:SOUR CHAN2;MODE RAW;FORM WORD;STAR 1;STOP 10")
    assert len(scope.block(":WAV:DATA?")) == 20
    scope.write(":WAV:SOUR CHAN1")
    assert len(scope.block(":WAV:DATA?")) == 20
    assert rig.world.digitizer.limited == [True, True, False]  # the trigger's path, then what was read


# -- MSO5074


@pytest.fixture
def mso(serving):
    return serving(scope="rigol_mso5000")


def test_an_mso_takes_its_depth_only_while_it_acquires_freely(mso):
    client = mso.scpi("scope")
    assert client.ask(":STOP;:ACQ:MDEP 1M;MDEP?") == "1.0000E+04"
    assert client.ask(":TRIG:SWE AUTO;:RUN;:ACQ:MDEP 1M;MDEP?") == "1.0000E+06"
    assert client.ask(":SYST:ERR?") == '0,"No error"'
    client.write(":ACQ:MDEP 5M")
    assert client.errors() == '-224,"Illegal parameter value"'


def test_an_mso_has_bytes_even_in_words(mso):
    clock, client = mso.clock(owner=True), mso.scpi("scope")
    client.write(":CHAN1:SCAL 0.5;OFFS -0.5;:TIM:SCAL 1e-3;:ACQ:MDEP 10k;:TRIG:EDGE:LEV 2.9;:SING")
    assert client.ask(":SYST:ERR?") == '0,"No error"'
    clock.ask(op="sleep", ns=2 * SECOND, sent={"scope": client.sent})
    client.write(":WAV:MODE RAW;FORM BYTE;STAR 1;STOP 10000")
    expected = (np.arange(10_000) + 32769) >> 8
    assert np.array_equal(np.frombuffer(client.block(":WAV:DATA?"), np.uint8), expected)
    assert client.ask(":WAV:PRE?").split(",")[7:] == ["2.000000000E-02", "-25", "127"]
    client.write(":WAV:FORM WORD")
    assert np.array_equal(np.frombuffer(client.block(":WAV:DATA?"), "<u2"), expected)
    assert client.ask(":WAV:PRE?").split(",")[7:] == ["2.000000000E-02", "-25", "127"]

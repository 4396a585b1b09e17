"""Rigol scopes: byte transcripts, synthetic, written from the guides; the DHO preamble as captured on a DHO824."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.digitizers import rigol_scope
from instruments.digitizers.rigol_preamble import parse_preamble
from instruments.digitizers.rigol_scope import RigolScope
from instruments.digitizers.rigol_series import DHO900
from instruments.errors import InstrumentError, LinkRefused, OutOfRange, ProtocolError
from instruments.records import NetworkAddress

NO_ERROR = (b"SYST:ERR?\n", b'0,"No error"\n')
IDENTITY = (b"*IDN?\n", b"RIGOL TECHNOLOGIES,DHO804,DHO8A251234567,00.01.02\n")
STOPPED = (b":TRIG:STAT?\n", b"STOP\n")
PREAMBLE = b"1,2,1000,1,4.000000E-7,-2.000000E-3,0.000000E-12,6.6667E-06,-22688,32768\n"


def checked(*commands):
    return [step for command in commands for step in ((command + b"\n", b""), NO_ERROR)]


@pytest.fixture
def scope(player, tap, clock):
    opened = []

    def start(*script, identity=IDENTITY):
        server = player([identity, *script])
        opened.append(RigolScope.connect(NetworkAddress(server.address), name="scope", tap=tap, clock=clock))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def channel_on(number, scale=b"0.05", offset=b"0", limit=b"OFF"):
    start = b":CHAN%d:" % number
    settings = (b"DISP ON", b"PROB 1", b"COUP DC", b"BWL " + limit, b"SCAL " + scale, b"OFFS " + offset)
    return [*((start + setting + b"\n", b"") for setting in settings), NO_ERROR]


def test_identity(scope):
    assert str(scope(IDENTITY).identity()) == "RIGOL TECHNOLOGIES,DHO804,DHO8A251234567,00.01.02"


def test_channel_settings(scope):
    driver = scope(*channel_on(2, b"0.05", b"-0.15", b"20M"), *checked(b":CHAN2:DISP OFF"))
    driver.configure_channel(2, volts_per_div=0.05, offset_volts=-0.15, bandwidth_hz=20e6)
    driver.channel_off(2)


@pytest.mark.parametrize(
    "settings",
    [
        {"volts_per_div": 4e-4},
        {"volts_per_div": 10.1},
        {"volts_per_div": 0.05, "offset_volts": 1.01},
        {"volts_per_div": 0.2, "offset_volts": -8.1},
        {"volts_per_div": 1.0, "bandwidth_hz": 1e6},
    ],
)
def test_channel_out_of_range_sends_nothing(scope, settings):
    driver = scope()
    with pytest.raises(OutOfRange):
        driver.configure_channel(1, **settings)


@pytest.mark.parametrize("channel", [0, 5])
def test_no_such_channel(scope, channel):
    driver = scope()
    for action in (lambda: driver.configure_channel(channel, volts_per_div=1.0), lambda: driver.fetch(channel)):
        with pytest.raises(OutOfRange, match="is not 1 to 4"):
            action()


def test_time_scale_and_offset_put_the_pretrigger_where_asked(scope):
    driver = scope(
        *channel_on(1),
        *checked(b":ACQ:MDEP 1000000", b":TIM:MAIN:SCAL 0.001", b":TIM:MAIN:OFFS 0.004"),
        (b":ACQ:SRAT?\n", b"1.000000E+8\n"),
        (b":ACQ:MDEP?\n", b"1.000E+6\n"),
    )
    driver.configure_channel(1, volts_per_div=0.05)
    assert driver.configure_time(sample_rate_hz=100e6, points=1_000_000, pretrigger=0.1) == 100e6


def test_a_rate_that_was_rounded_is_an_error(scope):
    driver = scope(
        *checked(b":ACQ:MDEP 10000", b":TIM:MAIN:SCAL 0.0003", b":TIM:MAIN:OFFS 0"),
        (b":ACQ:SRAT?\n", b"2.500000E+6\n"),
        (b":ACQ:MDEP?\n", b"1.000E+4\n"),
    )
    with pytest.raises(InstrumentError, match=r"10000 points at 2.5e\+06 Sa/s instead of 10000 at 3.33333e\+06"):
        driver.configure_time(sample_rate_hz=1e7 / 3, points=10_000, pretrigger=0.5)


@pytest.mark.parametrize(
    ("channels", "settings", "says"),
    [
        (4, {"sample_rate_hz": 313e6, "points": 1_000_000, "pretrigger": 0.5}, "outside 0.001 to 3.125e"),
        (4, {"sample_rate_hz": 100e6, "points": 10_000_000, "pretrigger": 0.5}, "choose one of 1000, .*, 5000000"),
        (2, {"sample_rate_hz": 626e6, "points": 1000, "pretrigger": 0.5}, "outside"),
        (1, {"sample_rate_hz": 1e6, "points": 1234, "pretrigger": 0.5}, "1234 points is no memory depth"),
        (1, {"sample_rate_hz": 1e6, "points": 1000, "pretrigger": 1.1}, "pretrigger"),
    ],
)
def test_time_out_of_range_sends_nothing(scope, channels, settings, says):
    driver = scope(*[step for number in range(1, channels + 1) for step in channel_on(number)])
    for number in range(1, channels + 1):
        driver.configure_channel(number, volts_per_div=0.05)
    with pytest.raises(OutOfRange, match=says):
        driver.configure_time(**settings)


def test_trigger_on_an_edge(scope):
    edge = (b":TRIG:MODE EDGE", b":TRIG:EDGE:SOUR CHAN4", b":TRIG:EDGE:SLOP POS", b":TRIG:EDGE:LEV 1.5")
    driver = scope(*channel_on(4, b"0.5", b"-1.5"), *checked(*edge))
    driver.configure_channel(4, volts_per_div=0.5, offset_volts=-1.5)
    driver.trigger(4, 1.5, "rising")
    for level in (-0.76, 3.76):
        with pytest.raises(OutOfRange, match=r"outside -0.75 to 3.75 V"):
            driver.trigger(4, level, "rising")
    with pytest.raises(OutOfRange, match="call configure_channel"):
        driver.trigger(1, 0.0, "falling")


def test_arm_waits_until_the_old_stop_is_over(scope, clock):
    driver = scope(*checked(b":SING"), STOPPED, STOPPED, (b":TRIG:STAT?\n", b"WAIT\n"))
    driver.arm()
    assert clock.slept == [0.005, 0.005]


def test_arm_that_never_starts_is_an_error(scope, monkeypatch):
    monkeypatch.setattr(rigol_scope, "ARM_POLLS", 3)
    driver = scope(*checked(b":SING"), STOPPED, STOPPED, STOPPED)
    with pytest.raises(InstrumentError, match="has not started"):
        driver.arm()


@pytest.mark.parametrize(
    ("word", "state"), [(b"TD", "triggered"), (b"WAIT", "wait"), (b"RUN", "run"), (b"STOP", "stop")]
)
def test_state(scope, word, state):
    assert scope((b":TRIG:STAT?\n", word + b"\n")).state() == state


def test_force_is_one_command(scope):
    scope(*checked(b":TFOR")).force()


def test_auto_is_no_state_of_a_single_acquisition(scope):
    driver = scope((b":TRIG:STAT?\n", b"AUTO\n"))
    with pytest.raises(ProtocolError, match="'AUTO'"):
        driver.state()


def test_stop_is_read_back(scope):
    driver = scope(*checked(b":STOP"), STOPPED, *checked(b":STOP"), (b":TRIG:STAT?\n", b"RUN\n"))
    driver.make_safe()
    with pytest.raises(InstrumentError, match="goes on acquiring"):
        driver.stop()


def fetching(points, *pages, preamble=PREAMBLE):
    return [
        STOPPED,
        (b":ACQ:MDEP?\n", b"%.3E\n" % points),
        (b":CHAN1:SCAL?\n", b"5.000000E-02\n"),
        *checked(b":WAV:SOUR CHAN1"),
        (b":WAV:MODE RAW\n", b""),
        (b":WAV:FORM WORD\n", b""),
        NO_ERROR,
        (b":WAV:PRE?\n", preamble),
        *[step for page in pages for step in page],
    ]


def page(first, last, data):
    return [
        (b":WAV:MODE RAW\n", b""),
        (b":WAV:FORM WORD\n", b""),
        (b":WAV:STAR %d\n" % first, b""),
        (b":WAV:STOP %d\n" % last, b""),
        (b":WAV:DATA?\n", b"#9%09d" % len(data) + data + b"\n"),
    ]


def test_fetch_in_pages_with_newlines_in_the_data(scope):
    codes = np.arange(1000, dtype="<u2") * 65 + 0x0A0A
    pages = [page(a + 1, min(a + 400, 1000), codes[a : a + 400].tobytes()) for a in (0, 400, 800)]
    driver = scope(*fetching(1000, *pages), NO_ERROR)
    driver.series = replace(driver.series, page=400)
    wave = driver.fetch(1)
    assert wave.codes.tolist() == codes.tolist()
    assert wave.codes.dtype == np.uint16
    assert (wave.dt_s, wave.start_s) == (4e-7, -2e-3)
    # the formula of the manual: (code - yorigin - yreference) x yincrement
    assert 55237 * wave.scale + wave.offset == pytest.approx((55237 + 22688 - 32768) * 6.6667e-6, rel=1e-12)
    # the screen is 30000 codes to either side of the reference
    assert wave.code_min == pytest.approx(2768, abs=20)
    assert wave.code_max == pytest.approx(62768, abs=20)


def test_an_empty_block_is_asked_for_again(scope, clock):
    data = np.arange(1000, dtype="<u2").tobytes()
    wave = scope(*fetching(1000, page(1, 1000, b""), page(1, 1000, data)), NO_ERROR).fetch(1)
    assert len(wave.codes) == 1000
    assert clock.slept == [0.05]


def test_empty_blocks_are_asked_for_only_so_often(scope, monkeypatch):
    monkeypatch.setattr(rigol_scope, "EMPTY_RETRIES", 3)
    driver = scope(*fetching(1000, *[page(1, 1000, b"")] * 3))
    with pytest.raises(ProtocolError, match="3 empty blocks"):
        driver.fetch(1)


def test_a_short_page_is_a_protocol_error(scope):
    driver = scope(*fetching(1000, page(1, 1000, b"\0" * 1998)))
    with pytest.raises(ProtocolError, match="1998 bytes instead of 2000"):
        driver.fetch(1)


def test_fetch_only_when_stopped(scope):
    driver = scope((b":TRIG:STAT?\n", b"WAIT\n"))
    with pytest.raises(InstrumentError, match="when the acquisition is done"):
        driver.fetch(1)


@pytest.mark.parametrize(
    "preamble",
    [
        b"0,2,1000,1,4E-7,-2E-3,0,6.7E-06,0,128\n",  # bytes
        b"1,0,1000,1,4E-7,-2E-3,0,6.7E-06,0,32768\n",  # the screen
        b"1,2,1000,1,4E-7,-2E-3,0,6.7E-06,0\n",
        b"1,2,1000,1,4E-7,-2E-3,0,0,0,32768\n",
        b"error\n",
    ],
)
def test_a_preamble_of_anything_else_is_a_protocol_error(scope, preamble):
    driver = scope(*fetching(1000, preamble=preamble))
    with pytest.raises(ProtocolError, match="preamble"):
        driver.fetch(1)


@given(st.text(alphabet="0123456789.,eE+-naif ", max_size=80))
def test_preamble_text_is_refused_or_whole(text):
    try:
        preamble = parse_preamble("scope", text, "WORD")
    except ProtocolError:
        return
    assert 0 < preamble.x_increment < float("inf")
    assert 0 < preamble.y_increment < float("inf")


def test_read_back(scope):
    driver = scope(STOPPED, (b":ACQ:SRAT?\n", b"1E+8\n"), (b":ACQ:MDEP?\n", b"1.000E+6\n"))
    assert driver.read_back() == {"state": "stop", "sample_rate": 1e8, "points": 1_000_000}


def test_accuracy_follows_the_data_sheet(scope):
    row = scope().channel_accuracy(1.0, -10.0)
    assert row.range == 8.0
    assert row.gain_frac == 0.02, "1 % of full scale as a slope: 2 % of the reading at the edge of the screen"
    assert row.offset_abs == pytest.approx(0.1 + 0.002 + 0.1)
    assert (row.timebase_ppm, row.verified) == (25.0, True)


MSO5074 = (b"*IDN?\n", b"RIGOL TECHNOLOGIES,MSO5074,MS5A221900001,00.01.03.00.03\n")


def test_another_maker_is_refused(scope):
    with pytest.raises(LinkRefused, match="which is no DHO800, DHO900 or MSO5000"):
        scope(identity=(b"*IDN?\n", b"RIGOL TECHNOLOGIES,DS1104Z,DS1ZA1,00.04.04\n"))


def test_dho900_has_the_deeper_memory(scope):
    driver = scope(identity=(b"*IDN?\n", b"RIGOL TECHNOLOGIES,DHO924,DHO9A1,00.01.02\n"))
    assert driver.series is DHO900
    assert driver.series.memory[4][1][-1] == 10_000_000


def test_mso5000_takes_its_depth_while_it_runs(scope):
    driver = scope(
        *channel_on(1),
        *checked(b":TRIG:SWE AUTO", b":RUN", b":ACQ:MDEP 100000", b":TIM:MAIN:SCAL 0.0002", b":TIM:MAIN:OFFS 0.0006"),
        (b":ACQ:SRAT?\n", b"5.000000E+7\n"),
        (b":ACQ:MDEP?\n", b"1.0000E+05\n"),
        *checked(b":STOP"),
        STOPPED,
        identity=MSO5074,
    )
    driver.configure_channel(1, volts_per_div=0.05)
    assert driver.configure_time(sample_rate_hz=50e6, points=100_000, pretrigger=0.2) == 50e6


def test_mso5000_fetches_bytes(scope):
    codes = bytes(range(100)) * 10
    settings = [(b":WAV:MODE RAW\n", b""), (b":WAV:FORM BYTE\n", b"")]
    driver = scope(
        STOPPED,
        (b":ACQ:MDEP?\n", b"1.0000E+03\n"),
        (b":CHAN1:SCAL?\n", b"5.000000E-01\n"),
        *checked(b":WAV:SOUR CHAN1"),
        *settings,
        NO_ERROR,
        (b":WAV:PRE?\n", b"0,2,1000,1,1.000000E-6,-5.000000E-4,0,2.000000E-02,25,127\n"),
        *settings,
        (b":WAV:STAR 1\n", b""),
        (b":WAV:STOP 1000\n", b""),
        (b":WAV:DATA?\n", b"#9000001000" + codes + b"\n"),
        NO_ERROR,
        identity=MSO5074,
    )
    wave = driver.fetch(1)
    assert wave.codes.tolist() == list(codes)
    assert 152 * wave.scale + wave.offset == pytest.approx(0.0)
    assert (wave.code_min, wave.code_max) == (28, 226), "the screen is 25 codes a division around 127"


def test_mso5000_with_a_reference_outside_its_codes_is_refused(scope):
    with pytest.raises(ProtocolError, match="not of raw BYTE data"):
        parse_preamble("scope", "0,2,1000,1,1E-6,-5E-4,0,2E-2,0,305", "BYTE")
    driver = scope(*channel_on(1, b"1"), identity=MSO5074)
    driver.configure_channel(1, volts_per_div=1.0)
    with pytest.raises(OutOfRange, match="outside -5 to 5 V"):
        driver.trigger(1, 5.1, "rising")
    row = driver.channel_accuracy(1.0, 0.0)
    assert (row.resolution, row.gain_frac, row.timebase_ppm, row.verified) == (8 / 256, 0.04, 10.0, False)

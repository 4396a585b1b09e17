"""Siglent SDS2000X Plus and HD: byte transcripts, synthetic, written from the extracts that the driver names."""

import struct

import numpy as np
import pytest

from instruments.digitizers import siglent_sds2000x
from instruments.digitizers.siglent_sds2000x import SiglentSds2000x
from instruments.digitizers.siglent_wavedesc import parse_wavedesc
from instruments.errors import InstrumentError, LinkRefused, OutOfRange, ProtocolError
from instruments.records import NetworkAddress

STOPPED = (b":TRIG:STAT?\n", b"Stop\n")


def identity(model=b"SDS2354X Plus", firmware=b"5.4.1.5.2R3"):
    return b"*IDN?\n", b"Siglent Technologies," + model + b",SDS2PDDX5R1234," + firmware + b"\n"


@pytest.fixture
def scope(player, tap, clock):
    opened = []

    def start(*script, answers=None, **options):
        server = player([answers or identity(), *script])
        entry = NetworkAddress(server.address)
        opened.append(SiglentSds2000x.connect(entry, name="scope", tap=tap, clock=clock, **options))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def chosen(header, word, reply):
    return [(b"%s %s\n" % (header, word), b""), (header + b"?\n", reply + b"\n")]


def channel_on(number=1, scale=b"5.000000E-01", offset=b"0.000000E+00"):
    start = b":CHAN%d:" % number
    return [
        *chosen(start + b"SWIT", b"ON", b"ON"),
        *chosen(start + b"COUP", b"DC", b"DC"),
        *chosen(start + b"IMP", b"ONEMeg", b"ONEMeg"),
        (start + b"PROB VAL,1\n", b""),
        (start + b"PROB?\n", b"1.00E+00\n"),
        *chosen(start + b"BWL", b"20M", b"20M"),
        *chosen(start + b"SCAL", scale, b"5.00E-01"),
        *chosen(start + b"OFFS", offset, offset),
    ]


def configured(scope, *script, **options):
    driver = scope(*channel_on(), *script, **options)
    driver.configure_channel(1, volts_per_div=0.5, bandwidth_hz=20e6)
    return driver


def wavedesc(count, *, words, code_per_div, probe=1.0, kind=b"WAVEDESC", order=0):
    data = bytearray(346)
    data[:8] = kind
    struct.pack_into("<2h", data, 32, int(words), order)
    struct.pack_into("<i", data, 116, count)
    struct.pack_into("<3f", data, 156, 0.5, -1.25, code_per_div)
    struct.pack_into("<f", data, 176, 1e-6)
    struct.pack_into("<d", data, 180, 3e-3)
    struct.pack_into("<f", data, 328, probe)
    return bytes(data)


def block(data, counted=None):
    return b"#9%09d" % (len(data) if counted is None else counted) + data + b"\n\n"


def reading(desc, *, width=b"BYTE"):
    return [
        STOPPED,
        *chosen(b":WAV:SOUR", b"C1", b"C1"),
        *chosen(b":WAV:WIDT", width, width),
        (b":WAV:STAR 0\n", b""),
        (b":WAV:INT 1\n", b""),
        (b":WAV:POIN 0\n", b""),
        (b":WAV:PRE?\n", block(desc)),
    ]


def page(start, data, counted=None):
    return [(b":WAV:STAR %d\n" % start, b""), (b":WAV:DATA?\n", block(data, counted))]


@pytest.mark.parametrize("model", [b"SDS2354X Plus", b"SDS2204X HD"])
def test_both_series_are_known(scope, model):
    assert scope(answers=identity(model)).known.model == model.decode()


def test_another_series_is_refused(scope):
    with pytest.raises(LinkRefused, match="which is no SDS2000X Plus or SDS2000X HD"):
        scope(answers=identity(b"SDS1104X-E"))


def test_the_finer_mode_is_one_of_the_plus(scope):
    with pytest.raises(OutOfRange, match="choose one of 12"):
        scope(answers=identity(b"SDS2204X HD"), bits=10)


def test_channel_settings_are_read_back_until_they_are_there(scope, clock):
    steps = channel_on()
    steps.insert(-1, (b":CHAN1:OFFS?\n", b"1.00E+00\n"))
    driver = scope(*steps[:-1], steps[-1])
    driver.configure_channel(1, volts_per_div=0.5, bandwidth_hz=20e6)
    assert clock.slept == [0.01]


def test_a_setting_that_is_ignored_is_an_error(scope, monkeypatch):
    monkeypatch.setattr(siglent_sds2000x, "POLLS", 2)
    steps = channel_on()[:-1]
    driver = scope(*steps, (b":CHAN1:OFFS?\n", b"1.00E+00\n"), (b":CHAN1:OFFS?\n", b"1.00E+00\n"))
    with pytest.raises(InstrumentError, match="reads back 1 after"):
        driver.configure_channel(1, volts_per_div=0.5, bandwidth_hz=20e6)


@pytest.mark.parametrize(
    "settings",
    [
        {"volts_per_div": 4e-4},
        {"volts_per_div": 10.1},
        {"volts_per_div": 0.05, "offset_volts": 2.1},
        {"volts_per_div": 1.0, "bandwidth_hz": 1e6},
    ],
)
def test_channel_out_of_range_sends_nothing(scope, settings):
    driver = scope()
    with pytest.raises(OutOfRange):
        driver.configure_channel(1, **settings)


def test_rate_and_time_scale_make_the_record_while_the_scope_runs(scope):
    driver = configured(
        scope,
        *chosen(b":TRIG:MODE", b"AUTO", b"AUTO"),
        *chosen(b":ACQ:RES", b"8Bits", b"8Bits"),
        *chosen(b":ACQ:MMAN", b"FSRate", b"FSRate"),
        *chosen(b":TIM:SCAL", b"2.000000E-04", b"2.00E-04"),
        *chosen(b":ACQ:SRAT", b"5.000000E+07", b"5.00E+07"),
        *chosen(b":TIM:DEL", b"6.000000E-04", b"6.00E-04"),
        (b":ACQ:POIN?\n", b"1.00E+05\n"),
        (b":TRIG:STOP\n", b""),
        STOPPED,
    )
    assert driver.configure_time(sample_rate_hz=50e6, points=100_000, pretrigger=0.2) == 50e6


@pytest.mark.parametrize(
    "settings",
    [
        {"sample_rate_hz": 2.1e9, "points": 1000, "pretrigger": 0.5},
        {"sample_rate_hz": 1e6, "points": 99, "pretrigger": 0.5},
        {"sample_rate_hz": 1e6, "points": 300_000_000, "pretrigger": 0.5},
        {"sample_rate_hz": 1e6, "points": 1000, "pretrigger": 1.1},
    ],
)
def test_time_out_of_range_sends_nothing(scope, settings):
    driver = scope()
    with pytest.raises(OutOfRange):
        driver.configure_time(**settings)


def test_trigger_on_an_edge(scope):
    driver = configured(
        scope,
        *chosen(b":TRIG:TYPE", b"EDGE", b"EDGE"),
        *chosen(b":TRIG:EDGE:SOUR", b"C1", b"C1"),
        *chosen(b":TRIG:EDGE:SLOP", b"FALLing", b"FALLing"),
        *chosen(b":TRIG:EDGE:LEV", b"4.100000E-01", b"4.08E-01"),
    )
    driver.trigger(1, 0.41, "falling")
    with pytest.raises(OutOfRange, match=r"outside -2.05 to 2.05 V"):
        driver.trigger(1, 2.06, "falling")
    with pytest.raises(OutOfRange, match="call configure_channel"):
        driver.trigger(2, 0.0, "rising")


def test_a_source_that_falls_back_to_the_mains_is_an_error(scope, monkeypatch):
    monkeypatch.setattr(siglent_sds2000x, "POLLS", 1)
    driver = configured(scope, *chosen(b":TRIG:TYPE", b"EDGE", b"EDGE"), *chosen(b":TRIG:EDGE:SOUR", b"C1", b"LINE"))
    with pytest.raises(InstrumentError, match="reads back LINE"):
        driver.trigger(1, 0.0, "rising")


def test_arm_waits_until_the_old_stop_is_over(scope, clock):
    driver = scope(
        (b":TRIG:STOP\n", b""), (b":TRIG:MODE SING\n", b""), STOPPED, (b":TRIG:STAT?\n", b"Arm\n"),
        (b":TRIG:MODE FTRIG\n", b""),
    )  # fmt: skip
    driver.arm()
    driver.force()
    assert clock.slept == [0.01]


@pytest.mark.parametrize(
    ("word", "state"), [(b"Trig'd", "triggered"), (b"Ready", "wait"), (b"Arm", "run"), (b"Stop", "stop")]
)
def test_state(scope, word, state):
    assert scope((b":TRIG:STAT?\n", word + b"\n")).state() == state


def test_auto_is_no_state_of_a_single_acquisition(scope):
    driver = scope((b":TRIG:STAT?\n", b"Auto\n"))
    with pytest.raises(ProtocolError, match="'Auto'"):
        driver.state()


def test_fetch_bytes_in_pages_of_the_instruments_own_length(scope):
    codes = np.arange(1000, dtype=np.int64) % 240 - 120
    data = codes.astype(np.int8).tobytes()
    desc = wavedesc(1000, words=False, code_per_div=30.0)
    wave = scope(*reading(desc), *page(0, data[:400]), *page(400, data[400:600]), *page(600, data[600:])).fetch(1)
    volts = wave.codes * wave.scale + wave.offset
    assert volts == pytest.approx(codes / 30.0 * 0.5 + 1.25)
    assert (wave.start_s, wave.dt_s) == (pytest.approx(3e-3 - 5e-4), pytest.approx(1e-6))
    assert (wave.code_min, wave.code_max) == (128 - 120 + 1, 128 + 120 - 1)


@pytest.mark.parametrize(("firmware", "counts_samples"), [(b"5.4.1.3.9R6", True), (b"5.4.1.3.9R10", False)])
def test_old_firmware_counts_samples_in_a_block_of_words(scope, firmware, counts_samples):
    data = (np.arange(100) * 64 - 3200).astype("<i2").tobytes()
    desc = wavedesc(100, words=True, code_per_div=7680.0)
    steps = reading(desc, width=b"WORD") + page(0, data, 100 if counts_samples else None)
    wave = scope(*steps, answers=identity(firmware=firmware), bits=10).fetch(1)
    assert wave.codes.tolist() == [code * 64 - 3200 + 32768 for code in range(100)]
    assert wave.code_max == 32768 + 30720 - 64


def test_hd_reads_words(scope):
    desc = wavedesc(2, words=True, code_per_div=7680.0, probe=2.0)
    steps = reading(desc, width=b"WORD") + page(0, np.array([7680, -7680], "<i2").tobytes())
    wave = scope(*steps, answers=identity(b"SDS2354X HD", b"1.2.3.1R2")).fetch(1)
    assert wave.codes * wave.scale + wave.offset == pytest.approx([2 * (0.5 + 1.25), 2 * (-0.5 + 1.25)])


def test_a_record_that_never_triggered_is_empty(scope):
    driver = scope(*reading(wavedesc(0, words=False, code_per_div=0.0)))
    with pytest.raises(InstrumentError, match="its record is empty"):
        driver.fetch(1)


def test_a_page_without_points_is_an_error(scope):
    driver = scope(*reading(wavedesc(10, words=False, code_per_div=30.0)), *page(0, b""))
    with pytest.raises(ProtocolError, match="a page of 0 bytes at point 0 of 10"):
        driver.fetch(1)


def test_fetch_only_when_stopped(scope):
    driver = scope((b":TRIG:STAT?\n", b"Ready\n"))
    with pytest.raises(InstrumentError, match="when the acquisition is done"):
        driver.fetch(1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        wavedesc(10, words=False, code_per_div=30.0)[:-1],
        wavedesc(10, words=False, code_per_div=30.0, kind=b"HEADER  "),
        wavedesc(10, words=False, code_per_div=0.0),
        wavedesc(10, words=False, code_per_div=float("nan")),
        wavedesc(-1, words=False, code_per_div=30.0),
        wavedesc(10, words=False, code_per_div=30.0, order=1),
    ],
)
def test_what_is_no_descriptor(data):
    with pytest.raises(ProtocolError, match="the descriptor"):
        parse_wavedesc("scope", data)


def test_read_back_and_make_safe(scope):
    driver = scope(
        STOPPED, (b":ACQ:SRAT?\n", b"5.00E+07\n"), (b":ACQ:POIN?\n", b"1.00E+05\n"), (b":TRIG:STOP\n", b""), STOPPED
    )
    assert driver.read_back() == {"state": "stop", "sample_rate": 5e7, "points": 100_000}
    driver.make_safe()

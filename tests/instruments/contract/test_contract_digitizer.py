"""The contract of a Digitizer: armed it waits, triggered it holds one record, in volts and seconds that are true."""

import pytest

from instruments.errors import InstrumentError, LinkLost, OutOfRange

ROLE = "digitizer"
CHANNEL = 1
POLLS = 200


@pytest.fixture
def digitizer(stand):
    return stand.connect()


def set_up(stand, digitizer, pretrigger=0.5):
    """One channel and a short record; its sample rate."""
    family = stand.family
    digitizer.configure_channel(CHANNEL, volts_per_div=1.0)
    return digitizer.configure_time(sample_rate_hz=family.rate_hz, points=family.points, pretrigger=pretrigger)


def finished(stand, digitizer):
    for _ in range(POLLS):
        if digitizer.state() == "stop":
            return
        stand.settle(0.01)
    raise AssertionError("the record never ended")


def volts(waveform):
    return waveform.codes * waveform.scale + waveform.offset


def test_it_says_who_it_is(digitizer):
    identity = digitizer.identity()
    assert identity == digitizer.known
    assert identity.maker
    assert identity.model


def test_an_edge_is_caught_at_time_zero(stand, digitizer):
    """The bench supply ramps up: before the trigger its divider gives less than the level, behind it more."""
    _, ratio = stand.circuit.input_of("scope")
    rate = set_up(stand, digitizer)
    digitizer.trigger(CHANNEL, 20.0 / ratio, "rising")
    digitizer.arm()
    stand.settle(0.1)
    assert digitizer.state() == "wait"
    stand.circuit.feed(40.0, 4.0)
    finished(stand, digitizer)
    waveform = digitizer.fetch(CHANNEL)
    assert len(waveform.codes) == stand.family.points
    assert waveform.dt_s == pytest.approx(1 / rate, rel=1e-6)
    assert waveform.start_s == pytest.approx(-0.5 * stand.family.points / rate, abs=1.1 / rate)
    seen = volts(waveform)
    error = bound(digitizer) + 0.05
    at = round(-waveform.start_s / waveform.dt_s)
    assert seen[at] == pytest.approx(20.0 / ratio, abs=error)
    assert seen[0] < 20.0 / ratio < seen[-1]
    digitizer.stop()


def test_a_falling_edge_is_another_one(stand, digitizer):
    _, ratio = stand.circuit.input_of("scope")
    stand.circuit.feed(40.0, 4.0)
    stand.settle()
    set_up(stand, digitizer)
    digitizer.trigger(CHANNEL, 20.0 / ratio, "falling")
    digitizer.arm()
    stand.settle(0.1)
    assert digitizer.state() == "wait"
    stand.circuit.draw(1.0)
    stand.circuit.feed(0.0, 4.0)
    finished(stand, digitizer)
    seen = volts(digitizer.fetch(CHANNEL))
    assert seen[0] > 20.0 / ratio > seen[-1]


def test_forced_it_shows_what_is_there(stand, digitizer):
    _, ratio = stand.circuit.input_of("scope")
    stand.circuit.feed(40.0, 4.0)
    stand.settle()
    set_up(stand, digitizer, pretrigger=0.0)
    digitizer.trigger(CHANNEL, 3.0, "rising")
    digitizer.arm()
    digitizer.force()
    finished(stand, digitizer)
    waveform = digitizer.fetch(CHANNEL)
    assert volts(waveform).mean() == pytest.approx(40.0 / ratio, abs=bound(digitizer) + 0.02)
    assert waveform.code_min < waveform.codes.min() <= waveform.codes.max() < waveform.code_max


def test_a_signal_beyond_the_screen_reaches_the_edge_codes(stand, digitizer):
    stand.circuit.feed(40.0, 4.0)
    stand.settle()
    set_up(stand, digitizer, pretrigger=0.0)
    digitizer.configure_channel(CHANNEL, volts_per_div=0.1)
    digitizer.trigger(CHANNEL, 0.0, "rising")
    digitizer.arm()
    digitizer.force()
    finished(stand, digitizer)
    waveform = digitizer.fetch(CHANNEL)
    assert waveform.codes.min() >= waveform.code_max


def test_the_offset_lifts_the_trace(stand, digitizer):
    """The middle of the screen is at minus the offset: 2 V lie on a screen of +-0.4 V around 2 V."""
    _, ratio = stand.circuit.input_of("scope")
    stand.circuit.feed(40.0, 4.0)
    stand.settle()
    set_up(stand, digitizer, pretrigger=0.0)
    digitizer.configure_channel(CHANNEL, volts_per_div=0.1, offset_volts=-2.0)
    digitizer.trigger(CHANNEL, 2.0, "rising")
    digitizer.arm()
    digitizer.force()
    finished(stand, digitizer)
    waveform = digitizer.fetch(CHANNEL)
    assert volts(waveform).mean() == pytest.approx(40.0 / ratio, abs=bound(digitizer, 0.1, -2.0) + 0.02)
    assert waveform.code_min < waveform.codes.min() <= waveform.codes.max() < waveform.code_max


def bound(digitizer, volts_per_div=1.0, offset_volts=0.0):
    row = digitizer.channel_accuracy(volts_per_div, offset_volts)
    return row.gain_frac * 4 * volts_per_div + row.offset_frac_of_range * row.range + row.offset_abs + row.resolution


def test_a_record_is_read_only_when_it_is_done(stand, digitizer):
    set_up(stand, digitizer)
    digitizer.trigger(CHANNEL, 3.0, "rising")
    digitizer.arm()
    with pytest.raises(InstrumentError):
        digitizer.fetch(CHANNEL)
    digitizer.stop()
    digitizer.stop()
    assert digitizer.state() == "stop"


def test_what_it_cannot_do_is_out_of_range_and_sends_nothing(stand, digitizer):
    set_up(stand, digitizer)
    points, rate, nan = stand.family.points, stand.family.rate_hz, float("nan")
    for act in (
        lambda: digitizer.configure_channel(0, volts_per_div=1.0),
        lambda: digitizer.configure_channel(99, volts_per_div=1.0),
        lambda: digitizer.configure_channel(CHANNEL, volts_per_div=1e3),
        lambda: digitizer.configure_channel(CHANNEL, volts_per_div=nan),
        lambda: digitizer.configure_channel(CHANNEL, volts_per_div=1.0, offset_volts=1e4),
        lambda: digitizer.configure_channel(CHANNEL, volts_per_div=1.0, bandwidth_hz=17.0),
        lambda: digitizer.configure_time(sample_rate_hz=1e15, points=points, pretrigger=0.5),
        lambda: digitizer.configure_time(sample_rate_hz=rate, points=points, pretrigger=1.5),
        lambda: digitizer.configure_time(sample_rate_hz=rate, points=10**12, pretrigger=0.5),
        lambda: digitizer.configure_time(sample_rate_hz=nan, points=points, pretrigger=0.5),
        lambda: digitizer.trigger(CHANNEL, 1e3, "rising"),
        lambda: digitizer.trigger(99, 0.0, "rising"),
        lambda: digitizer.fetch(0),
    ):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            act()


def test_make_safe_stops_it_and_is_idempotent(stand, digitizer):
    set_up(stand, digitizer)
    digitizer.trigger(CHANNEL, 3.0, "rising")
    digitizer.arm()
    for _ in range(2):
        digitizer.make_safe()
        assert digitizer.read_back()["state"] == "stop"


def test_what_it_reads_back(stand, digitizer):
    rate = set_up(stand, digitizer)
    digitizer.stop()
    back = digitizer.read_back()
    assert back["state"] == "stop"
    assert back["sample_rate"] == pytest.approx(rate)
    assert back["points"] == stand.family.points


@pytest.mark.network
def test_a_broken_connection_comes_back_stopped(stand, digitizer):
    set_up(stand, digitizer)
    digitizer.trigger(CHANNEL, 3.0, "rising")
    digitizer.arm()
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        digitizer.state()
    digitizer.reopen()
    assert digitizer.state() == "stop"


def test_closing_twice_is_allowed_and_sends_nothing(stand, digitizer):
    with stand.nothing_sent():
        digitizer.close()
        digitizer.close()
        with pytest.raises(LinkLost, match="is closed"):
            digitizer.identity()

"""The contract of a Recorder: scans in order, none lost, in volts that are those at its input."""

import numpy as np
import pytest

from instruments.errors import LinkLost, NotSupported, OutOfRange

ROLE = "recorder"
RATE = 200.0  # scans/s
SCANS = 20


@pytest.fixture
def recorder(stand):
    return stand.connect()


def scans(stand, recorder, wanted):
    """Drained blocks, at least so many scans."""
    blocks = []
    for _ in range(100):
        block = recorder.drain()
        assert block.first_scan == sum(len(block.codes) for block in blocks)
        blocks.append(block)
        if sum(len(block.codes) for block in blocks) >= wanted:
            return np.concatenate([block.codes * block.scale + block.offset for block in blocks])
        stand.settle(0.05)
    raise AssertionError("scans stopped coming")


def test_it_says_who_it_is(recorder):
    identity = recorder.identity()
    assert identity == recorder.known
    assert identity.maker
    assert identity.model


def test_a_stream_has_the_volts_of_its_inputs(stand, recorder):
    (voltage, ratio), other = stand.circuit.input_of("daq"), stand.family.spare
    full_scale = stand.family.range_volts
    stand.circuit.feed(24.0, 2.0)
    stand.settle()
    rate = recorder.start((voltage, other), (full_scale, full_scale), RATE)
    assert rate == pytest.approx(RATE, rel=1e-3)
    volts = scans(stand, recorder, SCANS)
    assert volts.shape[1] == 2
    error = recorder.channel_accuracy(full_scale)
    allowed = error.offset_frac_of_range * error.range + error.offset_abs + error.gain_frac * full_scale + 0.01
    assert volts[:, 0].mean() * ratio == pytest.approx(24.0, abs=ratio * allowed + 0.1)
    assert abs(volts[:, 1].mean()) <= allowed
    assert recorder.read_back()["streaming"] is True
    recorder.stop()
    assert recorder.read_back()["streaming"] is False


def test_a_stream_can_be_started_again(stand, recorder):
    channel, _ = stand.circuit.input_of("daq")
    for _ in range(2):
        recorder.start((channel,), (stand.family.range_volts,), RATE)
        scans(stand, recorder, 5)
        recorder.stop()
        recorder.stop()
    with pytest.raises(NotSupported, match="no stream is running"):
        recorder.drain()


def test_what_it_cannot_record_sends_nothing(stand, recorder):
    channel, _ = stand.circuit.input_of("daq")
    for channels, ranges, rate in (
        (("X1",), (10.0,), RATE),
        ((channel, channel), (10.0, 10.0), RATE),
        ((channel,), (3.3,), RATE),
        ((channel,), (10.0, 10.0), RATE),
        ((channel,), (10.0,), 1e9),
        ((channel,), (10.0,), float("nan")),
        ((), (), RATE),
    ):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            recorder.start(channels, ranges, rate)


def test_codes_become_volts_by_its_conversion(stand, recorder):
    full_scale = stand.family.range_volts
    scale, offset = recorder.conversion(full_scale)
    assert 65535 * scale + offset == pytest.approx(full_scale, rel=0.1)
    assert offset == pytest.approx(-full_scale, rel=0.1)
    with stand.nothing_sent(), pytest.raises(OutOfRange):
        recorder.conversion(3.3)


def test_make_safe_is_idempotent_and_leaves_the_stream(stand, recorder):
    channel, _ = stand.circuit.input_of("daq")
    recorder.start((channel,), (stand.family.range_volts,), RATE)
    for _ in range(2):
        recorder.make_safe()
    scans(stand, recorder, 5)
    recorder.stop()


@pytest.mark.network
def test_a_broken_connection_is_told_and_comes_back(stand, recorder):
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        recorder.read_back()
    recorder.reopen()
    assert recorder.read_back()["streaming"] is False


def test_closing_twice_is_allowed_and_sends_nothing(stand, recorder):
    with stand.nothing_sent():
        recorder.close()
        recorder.close()
        with pytest.raises(LinkLost, match="is closed"):
            recorder.identity()

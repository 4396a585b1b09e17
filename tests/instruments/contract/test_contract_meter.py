"""The contract of a Meter: each reading is fresh and in volts at its input, and an overload is no number."""

import pytest

from instruments.errors import InstrumentError, LinkError, LinkLost, NotSupported, OutOfRange
from tests.instruments.contract.stand import bound

ROLE = "meter"
RANGE = 10.0  # V


@pytest.fixture
def meter(stand):
    return stand.connect()


def test_it_says_who_it_is(meter):
    identity = meter.identity()
    assert identity == meter.known
    assert identity.maker
    assert identity.model


@pytest.mark.needs("DC voltage")
def test_a_voltage_is_read_as_it_is_now(stand, meter):
    """The first input sees the terminals through a divider, the second of a scanner nothing."""
    channels, (_, ratio) = stand.family.channels, stand.circuit.input_of("meter")
    meter.configure("DC voltage", RANGE, channels=channels)
    for volts in (24.0, 40.0):
        stand.circuit.feed(volts, 2.0)
        stand.settle()
        readings = meter.read()
        assert len(readings) == max(1, len(channels))
        assert readings[0] * ratio == pytest.approx(volts, abs=0.1 + ratio * bound(meter, "measure voltage", RANGE))
        assert [abs(reading) < 0.01 for reading in readings[1:]] == [True] * (len(readings) - 1)


@pytest.mark.needs("DC voltage")
def test_an_overload_is_no_number_and_the_next_reading_is_one(stand, meter):
    channels, (_, ratio) = stand.family.channels[:1], stand.circuit.input_of("meter")
    stand.circuit.feed(40.0, 2.0)
    stand.settle()
    meter.configure("DC voltage", 1.0, channels=channels)
    with pytest.raises(LinkError):
        meter.read()
    meter.configure("DC voltage", RANGE, channels=channels)
    assert meter.read()[0] * ratio == pytest.approx(40.0, abs=0.2)


def test_nothing_is_read_before_it_is_told_what(stand, meter):
    with stand.nothing_sent(), pytest.raises(InstrumentError):
        meter.read()


def test_a_range_or_a_channel_that_it_does_not_have_sends_nothing(stand, meter):
    channels = stand.family.channels
    for value in (1e6, -1.0, 0.0, float("nan")):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            meter.configure("DC voltage", value, channels=channels)
    with stand.nothing_sent(), pytest.raises((OutOfRange, NotSupported)):
        meter.configure("DC voltage", RANGE, channels=(99999,))


def test_what_it_cannot_do_is_refused_and_sends_nothing(stand, meter):
    for function in {"DC voltage", "DC current"} - meter.capabilities:
        with stand.nothing_sent(), pytest.raises(NotSupported):
            meter.configure(function, 1.0, channels=stand.family.channels)


@pytest.mark.needs("DC voltage")
def test_its_accuracy_is_that_of_the_range(meter):
    row = meter.channel_accuracy("DC voltage", RANGE)
    assert (row.function, row.range) == ("measure voltage", RANGE)
    assert 0.0 < row.gain_frac < 0.01


@pytest.mark.needs("DC voltage")
def test_what_it_reads_back_and_make_safe_twice(stand, meter):
    meter.configure("DC voltage", RANGE, channels=stand.family.channels)
    meter.make_safe()
    meter.make_safe()
    assert meter.read_back()


@pytest.mark.network
def test_a_broken_connection_comes_back_and_has_to_be_told_again(stand, meter):
    meter.configure("DC voltage", RANGE, channels=stand.family.channels)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        meter.read()
    meter.reopen()
    with stand.nothing_sent(), pytest.raises(InstrumentError):
        meter.read()


def test_closing_twice_is_allowed_and_sends_nothing(stand, meter):
    with stand.nothing_sent():
        meter.close()
        meter.close()
        with pytest.raises(LinkLost, match="is closed"):
            meter.identity()

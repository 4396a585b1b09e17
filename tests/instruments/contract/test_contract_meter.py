"""The contract of a Meter: each reading is fresh and in volts at its input, and what is beyond the range is none."""

import pytest

from instruments.errors import InstrumentError, LinkError, LinkLost, NotSupported, OutOfRange

ROLE = "meter"
FULL_SCALE = 10.0  # V


@pytest.fixture
def meter(stand):
    return stand.connect()


def test_it_says_who_it_is(meter):
    identity = meter.identity()
    assert identity == meter.known
    assert identity.maker
    assert identity.model


@pytest.mark.needs("DC voltage")
def test_it_reads_the_voltage_at_its_terminals(stand, meter):
    """The first input sees the terminals through a divider, the others of a scanner see nothing."""
    channels, (_, ratio) = stand.family.channels, stand.circuit.input_of("meter")
    meter.configure("DC voltage", FULL_SCALE, channels=channels)
    row = meter.channel_accuracy("DC voltage", FULL_SCALE)
    allowed = row.gain_frac * FULL_SCALE + row.offset_frac_of_range * row.range + row.offset_abs
    for volts in (0.0, 24.0, 40.0):
        stand.circuit.feed(volts, 2.0)
        stand.settle(1.0)
        first, *others = meter.read()
        assert first * ratio == pytest.approx(volts, abs=ratio * allowed + 0.1)
        assert others == pytest.approx([0.0] * (len(channels) - 1 if channels else 0), abs=allowed)


@pytest.mark.needs("DC voltage")
def test_what_is_beyond_the_range_is_no_reading(stand, meter):
    channels = stand.family.channels[:1]
    stand.circuit.feed(24.0, 2.0)
    stand.settle(1.0)
    meter.configure("DC voltage", 1.0, channels=channels)
    with pytest.raises(LinkError):
        meter.read()
    meter.configure("DC voltage", FULL_SCALE, channels=channels)
    assert len(meter.read()) == 1


@pytest.mark.needs("DC current")
def test_a_current_input_with_nothing_in_it_reads_nothing(stand, meter):
    meter.configure("DC current", 1.0, channels=stand.family.channels[:1])
    row = meter.channel_accuracy("DC current", 1.0)
    assert meter.read()[0] == pytest.approx(0.0, abs=row.offset_frac_of_range * row.range + row.offset_abs)


def test_a_range_or_a_channel_that_it_does_not_have_sends_nothing(stand, meter):
    for value in (1e6, 0.0, -10.0, float("nan")):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            meter.configure("DC voltage", value, channels=stand.family.channels)
    with stand.nothing_sent(), pytest.raises((OutOfRange, NotSupported)):
        meter.configure("DC voltage", FULL_SCALE, channels=(99999,))


def test_what_it_cannot_do_is_refused_and_sends_nothing(stand, meter):
    for function in {"DC voltage", "DC current"} - meter.capabilities:
        with stand.nothing_sent(), pytest.raises(NotSupported):
            meter.configure(function, 1.0, channels=stand.family.channels)


def test_there_is_no_reading_before_it_is_configured(stand, meter):
    with stand.nothing_sent(), pytest.raises(InstrumentError, match="call configure"):
        meter.read()


@pytest.mark.needs("DC voltage")
def test_make_safe_is_idempotent_and_what_it_reads_back(stand, meter):
    meter.configure("DC voltage", FULL_SCALE, channels=stand.family.channels)
    for _ in range(2):
        meter.make_safe()
    assert meter.read_back()


@pytest.mark.network
@pytest.mark.needs("DC voltage")
def test_a_broken_connection_is_told_and_comes_back(stand, meter):
    channels = stand.family.channels[:1]
    meter.configure("DC voltage", FULL_SCALE, channels=channels)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        meter.read()
    meter.reopen()
    meter.configure("DC voltage", FULL_SCALE, channels=channels)
    assert len(meter.read()) == 1


def test_closing_twice_is_allowed_and_sends_nothing(stand, meter):
    with stand.nothing_sent():
        meter.close()
        meter.close()
        with pytest.raises(LinkLost, match="is closed"):
            meter.identity()

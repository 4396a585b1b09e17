"""The contract of a Meter: a reading is what is at its terminals, and what is beyond the range is none."""

import pytest

from instruments.errors import InstrumentError, LinkLost, NotSupported, OutOfRange

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
    _, ratio = stand.circuit.input_of("meter")
    meter.configure("DC voltage", FULL_SCALE)
    row = meter.channel_accuracy("DC voltage", FULL_SCALE)
    for volts in (0.0, 24.0):
        stand.circuit.feed(volts, 2.0)
        stand.settle(1.0)
        (reading,) = meter.read()
        allowed = row.gain_frac * FULL_SCALE + row.offset_frac_of_range * row.range + row.offset_abs
        assert reading * ratio == pytest.approx(volts, abs=ratio * allowed + 0.1)


@pytest.mark.needs("DC voltage")
def test_what_is_beyond_the_range_is_no_reading(stand, meter):
    stand.circuit.feed(24.0, 2.0)
    stand.settle(1.0)
    meter.configure("DC voltage", 1.0)
    with pytest.raises(InstrumentError, match="beyond the range"):
        meter.read()


@pytest.mark.needs("DC current")
def test_a_current_input_with_nothing_in_it_reads_nothing(meter):
    meter.configure("DC current", 1.0)
    row = meter.channel_accuracy("DC current", 1.0)
    assert meter.read()[0] == pytest.approx(0.0, abs=row.offset_frac_of_range * row.range + row.offset_abs)


def test_a_range_that_it_does_not_have_sends_nothing(stand, meter):
    for value in (3.7, 0.0, -10.0, float("nan")):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            meter.configure("DC voltage", value)


def test_what_it_cannot_do_is_refused_and_sends_nothing(stand, meter):
    if "scan" not in meter.capabilities:
        with stand.nothing_sent(), pytest.raises(NotSupported):
            meter.configure("DC voltage", FULL_SCALE, channels=(1, 2))


def test_there_is_no_reading_before_it_is_configured(stand, meter):
    with stand.nothing_sent(), pytest.raises(InstrumentError, match="call configure"):
        meter.read()


def test_make_safe_is_idempotent(meter):
    meter.configure("DC voltage", FULL_SCALE)
    for _ in range(2):
        meter.make_safe()
    assert len(meter.read()) == 1


@pytest.mark.network
def test_a_broken_connection_is_told_and_comes_back(stand, meter):
    meter.configure("DC voltage", FULL_SCALE)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        meter.read()
    meter.reopen()
    meter.configure("DC voltage", FULL_SCALE)
    assert len(meter.read()) == 1


def test_closing_twice_is_allowed_and_sends_nothing(stand, meter):
    with stand.nothing_sent():
        meter.close()
        meter.close()
        with pytest.raises(LinkLost, match="is closed"):
            meter.identity()

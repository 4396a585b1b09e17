"""The contract of a Load: it takes what is set from whatever feeds it, and every way out ends with the input off."""

import math

import pytest

from instruments.errors import InstrumentError, LinkLost, NotSupported, OutOfRange
from tests.instruments.contract.stand import bound

ROLE = "load"
FEED_VOLTS, FEED_AMPS = 12.0, 4.0
CABLES = 0.05  # V lost between source and load at the currents of these tests


@pytest.fixture
def load(stand):
    return stand.connect()


def draws(stand, load, amps, error):
    """It takes this current, in truth and by its own reading."""
    stand.settle()
    stand.circuit.true(load_on=True, load_amps=(amps, error))
    assert load.measure().amps == pytest.approx(amps, abs=error + bound(load, "measure current", amps))


def test_it_says_who_it_is_and_connecting_takes_nothing(stand, load):
    identity = load.identity()
    assert identity == load.known
    assert identity.maker
    assert identity.model
    assert load.read_back()["input"] is False
    stand.circuit.true(load_on=False)


@pytest.mark.needs("constant current")
def test_a_current_is_taken_and_the_input_switches_it(stand, load):
    amps = stand.circuit.amps
    load.set_current(amps)
    load.input(True)
    assert load.read_back()["input"] is True
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    error = bound(load, "set current", amps)
    draws(stand, load, amps, error)
    assert load.measure().volts == pytest.approx(FEED_VOLTS, abs=0.1 + bound(load, "measure voltage", FEED_VOLTS))
    load.set_current(3 * amps)
    draws(stand, load, 3 * amps, error)
    load.input(False)
    assert load.read_back()["input"] is False
    stand.settle()
    stand.circuit.true(load_on=False, load_amps=(0.0, 0.01))


@pytest.mark.needs("constant resistance")
def test_a_resistance_is_held(stand, load):
    load.set_resistance(20.0)
    load.input(True)
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    draws(stand, load, FEED_VOLTS / 20, 0.02 * FEED_VOLTS / 20)


@pytest.mark.needs("constant voltage")
def test_a_voltage_is_held(stand, load):
    load.set_voltage(8.0)
    load.input(True)
    stand.circuit.feed(FEED_VOLTS, 1.0)
    stand.settle()
    error = bound(load, "set voltage", 8.0)
    stand.circuit.true(load_volts=(8.0, error), load_amps=(1.0, 0.2))
    assert load.measure().volts == pytest.approx(8.0, abs=error + bound(load, "measure voltage", 8.0))


@pytest.mark.needs("constant power")
def test_a_power_is_held(stand, load):
    """The source comes first: a constant power at no voltage is a short."""
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    stand.settle()
    load.set_power(6.0)
    load.input(True)
    draws(stand, load, 6.0 / FEED_VOLTS, 0.03)


@pytest.mark.needs("constant current", "short")
def test_a_short_pulls_the_source_down_and_its_end_brings_the_level_back(stand, load):
    amps = stand.circuit.amps
    load.set_current(amps)
    load.input(True)
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    stand.settle()
    load.short(True)
    stand.settle()
    stand.circuit.true(load_volts=(0.0, 1.0), load_amps=(FEED_AMPS, 0.3))
    load.short(False)
    assert load.read_back()["input"] is True
    draws(stand, load, amps, bound(load, "set current", amps))


@pytest.mark.needs("constant current", "slew")
def test_the_slew_is_in_amperes_a_second(stand, load):
    """The mean of both currents is reached half way through the edge: a factor of the unit cannot hide."""
    low, high, slew = 0.2, 2.2, 1e4
    load.set_slew(slew)
    load.set_current(low)
    load.input(True)
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    stand.settle()
    load.set_current(high)
    stand.settle((high - low) / slew / 2)
    stand.circuit.true(load_amps=((low + high) / 2, 0.15))
    stand.settle()
    stand.circuit.true(load_amps=(high, bound(load, "set current", high)))


@pytest.mark.needs("constant current", "von")
def test_nothing_is_taken_below_the_start_voltage(stand, load):
    load.set_von(8.0)
    load.set_current(stand.circuit.amps)
    load.input(True)
    stand.circuit.feed(6.0, FEED_AMPS)
    stand.settle()
    stand.circuit.true(load_amps=(0.0, 0.01))
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    draws(stand, load, stand.circuit.amps, bound(load, "set current", stand.circuit.amps))


def test_a_value_out_of_range_sends_nothing(stand, load):
    limits = load.limits
    methods = {
        "constant current": ("set_current", limits.amps, -0.1),
        "constant voltage": ("set_voltage", limits.volts, -0.1),
        "constant power": ("set_power", limits.watts, -0.1),
        "constant resistance": ("set_resistance", 1e7, 0.0),
        "slew": ("set_slew", 1e12, 0.0),
        "von": ("set_von", limits.volts, -0.1),
    }
    for capability in methods.keys() & load.capabilities:
        method, top, below = methods[capability]
        for value in (1.5 * top, below, math.nan, math.inf):
            with stand.nothing_sent(), pytest.raises(OutOfRange):
                getattr(load, method)(value)


def test_what_it_cannot_do_is_refused_and_sends_nothing(stand, load):
    methods = {
        "constant current": lambda: load.set_current(0.1),
        "constant voltage": lambda: load.set_voltage(1.0),
        "constant power": lambda: load.set_power(1.0),
        "constant resistance": lambda: load.set_resistance(100.0),
        "short": lambda: load.short(True),
        "slew": lambda: load.set_slew(1e4),
        "von": lambda: load.set_von(1.0),
    }
    for capability in sorted(methods.keys() - load.capabilities):
        with stand.nothing_sent(), pytest.raises(NotSupported):
            methods[capability]()


@pytest.mark.needs("constant current")
def test_make_safe_is_read_back_and_idempotent(stand, load):
    load.set_current(stand.circuit.amps)
    load.input(True)
    for _ in range(2):
        load.make_safe()
        assert load.read_back()["input"] is False
        stand.circuit.true(load_on=False)


@pytest.mark.needs("constant current", "short")
def test_make_safe_ends_a_short(stand, load):
    load.set_current(stand.circuit.amps)
    load.input(True)
    load.short(True)
    load.make_safe()
    assert load.read_back()["input"] is False
    stand.circuit.feed(FEED_VOLTS, 1.0)
    stand.settle()
    stand.circuit.true(load_on=False, load_volts=(FEED_VOLTS, 0.15))


@pytest.mark.needs("constant current")
def test_what_it_reads_back(stand, load):
    load.set_current(stand.circuit.amps)
    load.input(True)
    back = load.read_back()
    assert {name: type(back[name]) for name in ("volts", "amps", "function")} == {
        "volts": float,
        "amps": float,
        "function": str,
    }
    assert back["input"] is True


@pytest.mark.needs("constant current")
def test_a_trip_is_told_and_cleared_without_the_input_coming_back(stand, load):
    """More power than it is made for; a model that cannot tell its trips says so and sends nothing."""
    if not can_tell(stand, load):
        return
    assert load.trip() is None
    amps, volts = stand.circuit.overpower(load.limits)
    load.set_current(amps)
    load.input(True)
    stand.circuit.feed(volts, 1.5 * amps)
    stand.settle()
    assert load.trip() is not None
    assert load.read_back()["input"] is False
    stand.circuit.true(load_on=False)
    with pytest.raises(InstrumentError, match="has not been cleared"):
        load.input(True)
    stand.circuit.true(load_on=False)
    load.clear_protection()
    stand.settle()
    assert load.trip() is None
    assert load.read_back()["input"] is False
    stand.circuit.true(load_on=False, load_amps=(0.0, 0.01))


@pytest.mark.needs("constant current", "constant resistance")
def test_another_mode_is_entered_at_its_new_level_or_not_while_the_input_is_on(stand, load):
    amps = stand.circuit.amps
    stand.circuit.feed(FEED_VOLTS, FEED_AMPS)
    load.set_current(0.4 * amps)
    load.input(True)
    stand.settle()
    refused = ""
    try:
        load.set_resistance(FEED_VOLTS / (0.8 * amps))
    except InstrumentError as error:
        refused = str(error)
    assert not refused or "switch the input off first" in refused
    draws(stand, load, (0.4 if refused else 0.8) * amps, 0.1 * amps)


@pytest.mark.needs("constant current")
def test_clearing_never_leaves_the_input_on(stand, load):
    if not can_tell(stand, load):
        return
    load.set_current(stand.circuit.amps)
    load.input(True)
    load.clear_protection()
    assert load.read_back()["input"] is False
    stand.circuit.true(load_on=False)


def can_tell(stand, load):
    before = len(stand.sent)
    try:
        load.trip()
    except NotSupported:
        with pytest.raises(NotSupported):
            load.clear_protection()
        assert len(stand.sent) == before
        return False
    return True


@pytest.mark.network
@pytest.mark.needs("constant current")
def test_a_broken_connection_comes_back_safe(stand, load):
    load.set_current(stand.circuit.amps)
    load.input(True)
    stand.circuit.true(load_on=True)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        load.measure()
    load.reopen()
    assert load.read_back()["input"] is False
    stand.circuit.true(load_on=False)


def test_closing_twice_is_allowed_and_sends_nothing(stand, load):
    with stand.nothing_sent():
        load.close()
        load.close()
        with pytest.raises(LinkLost, match="is closed"):
            load.input(True)

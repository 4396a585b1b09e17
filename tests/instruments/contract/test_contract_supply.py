"""The contract of a Supply: what is set is what the terminals do, and every way out ends with the output off."""

import math

import pytest

from instruments.errors import InstrumentError, LinkLost, NotSupported, OutOfRange
from tests.instruments.contract.stand import bound

ROLE = "supply"


@pytest.fixture
def supply(stand):
    return stand.connect()


def set_up(stand, supply):
    """The output on, at the voltage and limit of the stand."""
    supply.set_voltage(stand.circuit.volts)
    supply.set_current_limit(2 * stand.circuit.amps)
    supply.output(True)
    stand.settle()


def test_it_says_who_it_is_and_connecting_energises_nothing(stand, supply):
    identity = supply.identity()
    assert identity == supply.known
    assert identity.maker
    assert identity.model
    assert supply.read_back()["output"] is False
    stand.circuit.true(supply_on=False)


def test_the_terminals_do_what_is_set(stand, supply):
    volts = stand.circuit.volts
    set_up(stand, supply)
    set_error, read_error = bound(supply, "set voltage", volts), bound(supply, "measure voltage", volts)
    stand.circuit.true(supply_on=True, supply_volts=(volts, set_error))
    assert supply.measure().volts == pytest.approx(volts, abs=set_error + read_error)
    assert supply.measure().amps == pytest.approx(0.0, abs=bound(supply, "measure current", 0.0) + 0.01)
    assert supply.regulation() == "CV"
    supply.set_voltage(volts / 2)
    stand.settle(3.0)
    stand.circuit.true(supply_volts=(volts / 2, set_error))
    supply.output(False)
    stand.settle(3.0)
    assert supply.regulation() == "OFF"
    stand.circuit.true(supply_on=False, supply_volts=(0.0, 0.05))


def test_the_current_limit_holds(stand, supply):
    limit = stand.circuit.amps
    set_up(stand, supply)
    supply.set_current_limit(limit)
    stand.circuit.draw(2 * limit)
    stand.settle()
    error = bound(supply, "set current", limit)
    stand.circuit.true(supply_amps=(limit, error))
    assert supply.measure().amps == pytest.approx(limit, abs=error + bound(supply, "measure current", limit))
    assert supply.regulation() == "CC"
    stand.circuit.draw(limit / 2)
    stand.settle()
    assert supply.regulation() == "CV"
    assert supply.measure().amps == pytest.approx(limit / 2, abs=bound(supply, "measure current", limit) + 0.01)


def test_a_value_out_of_range_sends_nothing(stand, supply):
    limits = supply.limits
    tops = {"set_voltage": limits.volts, "set_current_limit": limits.amps}
    tops |= {"set_ovp": 2 * limits.volts} if "ovp" in supply.capabilities else {}
    tops |= {"set_ocp": 2 * limits.amps} if "ocp" in supply.capabilities else {}
    for method, top in tops.items():
        for value in (1.5 * top, -0.5, math.nan, math.inf):
            with stand.nothing_sent(), pytest.raises(OutOfRange):
                getattr(supply, method)(value)


def test_what_it_cannot_do_is_refused_and_sends_nothing(stand, supply):
    methods = {
        "ovp": lambda: supply.set_ovp(1.0),
        "ocp": lambda: supply.set_ocp(1.0),
        "trip at limit": lambda: supply.trip_at_limit(True),
        "remote sense": lambda: supply.remote_sense(True),
    }
    for capability in methods.keys() - supply.capabilities:
        with stand.nothing_sent(), pytest.raises(NotSupported):
            methods[capability]()


def test_make_safe_is_read_back_and_idempotent(stand, supply):
    set_up(stand, supply)
    for _ in range(2):
        supply.make_safe()
        assert supply.read_back()["output"] is False
        stand.circuit.true(supply_on=False)


def test_what_it_reads_back(stand, supply):
    set_up(stand, supply)
    back = supply.read_back()
    numbers = ["set_voltage", "current_limit", "volts", "amps"] + ["ovp"] * ("ovp" in supply.capabilities)
    assert {name: type(back[name]) for name in numbers} == dict.fromkeys(numbers, float)
    assert back["output"] is True
    assert back["set_voltage"] == pytest.approx(stand.circuit.volts, abs=0.011)
    assert back["current_limit"] == pytest.approx(2 * stand.circuit.amps, abs=0.011)


@pytest.mark.needs("ovp")
def test_an_over_voltage_switches_off_for_good(stand, supply):
    volts = stand.circuit.volts
    supply.set_ovp(1.4 * volts)
    assert supply.read_back()["ovp"] == pytest.approx(1.4 * volts, abs=0.02 * volts)
    set_up(stand, supply)
    assert supply.trip() is None
    stand.circuit.surge(2 * volts)
    stand.settle()
    stays_off(stand, supply, "OVP")


@pytest.mark.needs("ocp")
def test_an_over_current_switches_off_for_good(stand, supply):
    supply.set_ocp(stand.circuit.amps)
    set_up(stand, supply)
    supply.set_current_limit(4 * stand.circuit.amps)
    stand.circuit.draw(stand.circuit.amps / 2)
    stand.settle()
    assert supply.trip() is None
    stand.circuit.draw(2 * stand.circuit.amps)
    stand.settle()
    stays_off(stand, supply, "OCP")


@pytest.mark.needs("trip at limit")
def test_the_current_limit_switches_off_for_good(stand, supply):
    supply.trip_at_limit(True)
    set_up(stand, supply)
    supply.set_current_limit(stand.circuit.amps)
    assert supply.trip() is None
    stand.circuit.draw(2 * stand.circuit.amps)
    stand.settle(1.0)
    stays_off(stand, supply, "OCP")


def stays_off(stand, supply, trip):
    """Tripped; cleared without the output coming back; and then as good as before."""
    assert supply.trip() == trip
    assert supply.read_back()["output"] is False
    stand.circuit.true(supply_on=False)
    stand.circuit.draw(0.0)
    with pytest.raises(InstrumentError):
        supply.output(True)
    supply.clear_protection()
    stand.settle()
    assert supply.trip() is None
    assert supply.regulation() == "OFF"
    stand.circuit.true(supply_on=False, supply_amps=(0.0, 0.01))
    supply.output(True)
    stand.settle()
    assert supply.trip() is None
    stand.circuit.true(supply_on=True, supply_volts=(stand.circuit.volts, bound(supply, "set voltage", 1.0)))


def test_clearing_never_leaves_the_output_on(stand, supply):
    set_up(stand, supply)
    supply.clear_protection()
    assert supply.read_back()["output"] is False
    stand.circuit.true(supply_on=False)


@pytest.mark.needs("remote sense")
def test_remote_sense_can_be_chosen(stand, supply):
    supply.remote_sense(True)
    supply.remote_sense(False)


@pytest.mark.network
def test_a_broken_connection_comes_back_safe(stand, supply):
    set_up(stand, supply)
    stand.circuit.true(supply_on=True)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        supply.measure()
    supply.reopen()
    assert supply.read_back()["output"] is False
    stand.circuit.true(supply_on=False)


def test_closing_twice_is_allowed_and_sends_nothing(stand, supply):
    with stand.nothing_sent():
        supply.close()
        supply.close()
        with pytest.raises(LinkLost, match="is closed"):
            supply.output(True)

"""The envelope: what is beyond it is never sent, is remembered, and never keeps anything from being switched off."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.safety.envelope import Bounds, Breach, Dwell, GuardedLoad, GuardedSupply, Latch


class Driver:
    """Remembers what it was told."""

    name = "driver"

    def __init__(self) -> None:
        self.told: list[tuple] = []

    def __getattr__(self, name: str):
        return lambda *given: self.told.append((name, *given))


BOUNDS = Bounds(58.5, 30.0, 1000.0)


def supply():
    driver, latch = Driver(), Latch()
    return GuardedSupply(driver, BOUNDS, latch), driver, latch


def load():
    driver, latch = Driver(), Latch()
    return GuardedLoad(driver, Bounds(58.5, 20.0, 600.0), latch), driver, latch


def test_what_is_within_goes_through():
    one, driver, latch = supply()
    one.set_ovp(58.5)
    one.set_current_limit(20.0)
    one.set_voltage(48.0)
    one.output(True)
    one.measure()
    assert [entry[0] for entry in driver.told] == ["set_ovp", "set_current_limit", "set_voltage", "output", "measure"]
    assert latch.breached == ""


@pytest.mark.parametrize(
    ("command", "value", "said"),
    [
        ("set_voltage", 59.0, "a voltage of 59 V is beyond the envelope of 58.5 V"),
        ("set_voltage", -59.0, "a voltage of -59 V"),
        ("set_voltage", math.nan, "a voltage of nan V"),
        ("set_ovp", 60.0, "an over-voltage threshold of 60 V"),
        ("set_current_limit", 31.0, "a current limit of 31 A"),
    ],
)
def test_what_is_beyond_is_not_sent_and_latches(command, value, said):
    one, driver, latch = supply()
    with pytest.raises(Breach, match=said):
        getattr(one, command)(value)
    assert driver.told == []
    one.set_ovp(58.0)
    with pytest.raises(Breach, match="the supply's output is refused after a breach"):
        one.output(True)
    one.output(False)
    one.make_safe()
    assert [entry[0] for entry in driver.told] == ["set_ovp", "output", "make_safe"]
    assert said.split(" is ")[0] in latch.breached


def test_power_is_that_of_both_settings_in_either_order():
    one, driver, _ = supply()
    one.set_voltage(50.0)
    with pytest.raises(Breach, match="a power of 1250 W is beyond the envelope of 1000 W"):
        one.set_current_limit(25.0)
    other, _, _ = supply()
    other.set_current_limit(25.0)
    with pytest.raises(Breach, match="a power of 1250 W"):
        other.set_voltage(50.0)
    assert driver.told == [("set_voltage", 50.0)]


def test_a_supply_that_was_made_safe_starts_from_nothing():
    one, driver, latch = supply()
    one.set_voltage(50.0)
    one.make_safe()
    one.set_current_limit(25.0)
    assert [entry[0] for entry in driver.told] == ["set_voltage", "make_safe", "set_current_limit"]
    assert latch.breached == ""


def test_no_output_without_its_protection():
    one, driver, _ = supply()
    with pytest.raises(Breach, match="before its over-voltage protection was set"):
        one.output(True)
    assert driver.told == []


def test_a_load_is_checked_at_the_highest_voltage():
    one, driver, _ = load()
    one.set_resistance(10.0)
    for ohms, said in ((2.0, "a current of 29.25 A"), (5.0, "a power of 684.45 W"), (0.0, "is a short")):
        other, _, _ = load()
        with pytest.raises(Breach, match=said):
            other.set_resistance(ohms)
    with pytest.raises(Breach, match="a short is the injector's"):
        one.short(True)
    with pytest.raises(Breach, match="the load's input is refused"):
        one.input(True)
    one.input(False)
    assert driver.told == [("set_resistance", 10.0), ("input", False)]


@given(st.floats(), st.floats(), st.floats())
def test_nothing_beyond_ever_reaches_the_driver(volts, amps, ovp):
    one, driver, _ = supply()
    for command, value in (("set_ovp", ovp), ("set_voltage", volts), ("set_current_limit", amps)):
        with suppress(Breach):
            getattr(one, command)(value)
    sent = dict(driver.told)
    assert abs(sent.get("set_voltage", 0.0)) <= 58.5
    assert abs(sent.get("set_ovp", 0.0)) <= 58.5
    assert abs(sent.get("set_current_limit", 0.0)) <= 30.0
    assert abs(sent.get("set_voltage", 0.0) * sent.get("set_current_limit", 0.0)) <= 1000.0


def test_the_injector_waits_for_the_heat_of_the_last_fault(fake):
    dwell = Dwell(2.0, fake.clock, Latch())
    dwell.before()
    assert fake.clock.slept == []
    dwell.after()
    dwell.before()
    assert fake.clock.slept == [pytest.approx(2.0)]
    latch = Latch("asked for too much")
    with pytest.raises(Breach, match="an injection is refused after a breach"):
        Dwell(0.0, fake.clock, latch).before()

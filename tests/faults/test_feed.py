"""What a device lives on, and the base load that makes an overload of any port."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.faults import (
    Base,
    Feed,
    Level,
    Overload,
    Ramp,
    Reverse,
    Short,
    choose_tap,
    feed,
    fitting_base,
    prospective,
    route,
)
from rig.faults.taps import port_current
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import load, resolve

BENCH = load(resolve("benches", "twin"), Bench)


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_a_source_is_fed_at_its_energy_input() -> None:
    assert feed(device("reference")) == Feed("forward", "input_voltage", 48.0, 40.0, 56.0, 8.0 * 18 / 5, 0.5, 43.0)


def test_a_consumer_is_fed_at_its_port() -> None:
    assert feed(device("plain-load")) == Feed("feed", "port_voltage", 48.0, 36.0, 58.0, 20.0, 1.0, 36.0)


@pytest.mark.parametrize("name", ["small-battery", "ac-adapter"])
def test_what_lives_on_its_own_is_not_fed(name) -> None:
    assert feed(device(name)) is None
    assert route(Short("10 mohm"), device(name)) == "own"


@pytest.mark.parametrize(("name", "way"), [("reference", "forward"), ("appliance", "feed"), ("small-battery", "own")])
def test_a_reversed_source_has_a_route_of_its_own(name, way) -> None:
    assert route(Level("50 %"), device(name)) == way
    assert route(Reverse("54 V", current="1 A"), device(name)) == "reversed"


@pytest.mark.parametrize(("told", "volts"), [("31 V", 31.0), ("50 %", 24.0), ("minimum", 40.15), ("maximum", 56.0)])
def test_a_level_is_a_voltage_a_share_or_an_end_of_the_declared_range(told, volts) -> None:
    fed = feed(device("reference"))
    assert fed is not None
    assert fed.volts(Level(told)) == pytest.approx(volts)


@pytest.mark.parametrize("told", ["31", "least", "-3 V", "0 V", "5 A"])
def test_another_level_is_refused(told) -> None:
    with pytest.raises(ValueError, match="Level: voltage"):
        Level(told)


def test_labels() -> None:
    assert [one.label for one in (Level("31 V"), Level("minimum"), Level("31 V", to_start=True), Ramp("15 V"))] == [
        "fed with 31 V", "fed with its minimum", "fed with 31 V and back low", "slow sag to 15 V",
    ]  # fmt: skip


def test_what_a_level_comes_back_to() -> None:
    own = device("plain-load")
    fed = feed(own)
    assert fed is not None
    assert (fed.volts_after(Level("18 V")), fed.volts_after(Ramp("15 V"))) == (fed.nominal, fed.nominal)
    assert fed.volts_after(Level("18 V", to_start=True)) == pytest.approx(36.15)
    expected = prospective(Level("18 V", to_start=True), Base(0.5), 5.0, own.port, BENCH, own)
    assert (expected.feed, expected.nominal) == (18.0, pytest.approx(36.15))


@given(st.floats(1.05, 3.5), st.floats(0.0, 1.0), st.floats(44.0, 56.0), st.floats(3.0, 5.5))
def test_the_base_load_makes_up_what_no_tap_adds(multiple, load_, voltage, rated) -> None:
    own = device("reference").port.model_copy(update={"voltage": voltage, "rated_current": rated})
    base = fitting_base(Overload(multiple), Base(load_), own, BENCH)
    tap_s = [port_current(BENCH, base, own, tap) / rated for tap in BENCH.injector.taps]
    nearest = min(tap_s, key=lambda made: abs(made - multiple))
    if base.load != load_:
        assert nearest == pytest.approx(multiple, rel=1e-9)
    else:  # it makes it within 2 %, or nothing that the load can do would
        others = [Base(share / 200) for share in range(1, 200)]  # at the ends it may just miss
        able = any(
            abs(port_current(BENCH, one, own, tap) / rated - multiple) < 1e-3
            for one in others for tap in BENCH.injector.taps
        )  # fmt: skip
        assert abs(nearest - multiple) <= 0.02 * multiple or not able


def test_a_base_load_that_fits_is_left_alone() -> None:
    port = device("reference").port
    assert fitting_base(Overload(1.5), Base(0.5), port, BENCH) == Base(0.5)
    assert choose_tap(Overload(1.5), Base(0.5), port, BENCH) == "tap_2"

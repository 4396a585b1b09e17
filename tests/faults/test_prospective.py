"""Prospective current and energy against the circuit equations, and every reason to refuse."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from rig.faults import (
    Base,
    Draw,
    Dump,
    NoTap,
    Overload,
    Reverse,
    Short,
    Start,
    Steps,
    choose_tap,
    prospective,
    relay_operations,
)
from rig.faults.discharge import peak
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import load, resolve

BENCH = load(resolve("benches", "twin"), Bench)
DEVICE = load(resolve("devices", "reference"), Device)
LIMITER = load(resolve("devices", "limiter"), Device)
PORT = DEVICE.port
HALF = Base(load=0.5)


def bench_with(**injector: object) -> Bench:
    return BENCH.model_copy(update={"injector": BENCH.injector.model_copy(update=injector)})


def rated(**rating: float) -> Bench:
    return bench_with(rating=BENCH.injector.rating.model_copy(update=rating))


def test_a_short_of_the_reference_device() -> None:
    found = prospective(Short("10 mohm"), HALF, 0.5, PORT, BENCH, DEVICE)
    # capacitor's ESR 20, port shunt 5, injector 2.5, tap 2.5, injector shunt 5 (all mΩ)
    assert found.loop_resistance == pytest.approx(0.035)
    assert found.peak_current == pytest.approx(peak(54.0, 0.035, 1e-6, 470e-6)[0] + 18.0)
    assert found.steady_current == 18.0
    assert found.stored_energy == pytest.approx(470e-6 * 54.0**2 / 2)
    assert found.i2t == pytest.approx(0.68526 / 0.035 + 2 * 18 * 470e-6 * 54 + 18.0**2 * 0.5)
    assert found.energy == pytest.approx(found.i2t * 0.010)
    assert found.time_constant == pytest.approx(2e-6 / 0.035)
    assert (found.tap, found.refusals) == ("tap_short", ())
    assert found.path == "port of reference - injector - tap_short"


def test_a_short_against_an_integrated_circuit() -> None:
    """Capacitor with ESR and an ideal 18 A source into the injector: u' = (18 - i)/C, L i' = u + ESR (18 - i) - R i."""
    found = prospective(Short("10 mohm"), HALF, 0.01, PORT, BENCH, DEVICE)
    R, L, C, limit = 0.015, 1e-6, 470e-6, 18.0
    run = solve_ivp(
        lambda t, y: ((limit - y[1]) / C, (y[0] + 0.020 * (limit - y[1]) - R * y[1]) / L, y[1] ** 2),
        (0, 0.01),
        (54.0, 0.0, 0.0),
        method="LSODA",
        rtol=1e-9,
        atol=1e-9,
        max_step=1e-5,
    )
    assert run.y[1].max() < found.peak_current < 1.03 * run.y[1].max()
    assert found.i2t == pytest.approx(run.y[2][-1], rel=0.02)


@pytest.mark.parametrize(("multiple", "tap"), [(1.05, "tap_1"), (1.5, "tap_2"), (2, "tap_3"), (3, "tap_4")])
def test_overloads_of_the_reference_device(multiple: float, tap: str) -> None:
    found = prospective(Overload(multiple), HALF, 2.0, PORT, BENCH, DEVICE)
    assert found.tap == tap
    ohms = BENCH.injector.taps[tap] + 0.0075
    both = 1 / (1 / 21.6 + 1 / ohms)
    total = 54.0 / (0.055 + both)
    assert found.peak_current == pytest.approx(total)
    assert found.peak_current / 5.0 == pytest.approx(multiple, rel=0.03)
    assert found.steady_current == found.peak_current
    assert found.i2t == pytest.approx(total**2 * 2.0)
    assert found.energy == pytest.approx((total * both / ohms) ** 2 * ohms * 2.0)
    assert found.refusals == ()


def test_an_overload_without_base_load_is_the_tap_alone() -> None:
    ohms = BENCH.injector.taps["tap_4"] + 0.0075
    found = prospective(Overload(54.0 / (0.055 + ohms) / 5), Base(0), 1.0, PORT, BENCH, DEVICE)
    assert found.tap == "tap_4"
    assert found.energy == pytest.approx(found.peak_current**2 * ohms)


def test_a_limiting_source_bounds_the_overload() -> None:
    found = prospective(Overload(3), HALF, 2.0, LIMITER.port, BENCH, LIMITER)
    assert found.steady_current == 6.5
    assert found.peak_current == pytest.approx(14.95, rel=1e-3)
    assert 6.5**2 * 2.0 < found.i2t < 6.5**2 * 2.0 + 1.0


def test_a_reversal() -> None:
    found = prospective(Reverse("54 V", "1 A"), HALF, 2.0, PORT, BENCH, DEVICE)
    assert (found.peak_current, found.steady_current, found.tap) == (1.0, 1.0, None)
    assert (found.energy, found.i2t) == (108.0, 2.0)
    assert found.time_constant == pytest.approx(470e-6 * 54)
    assert found.loop_resistance == pytest.approx(0.015 + 0.005 + 0.020)
    assert found.path == "supply reversed - reverse_line - port of reference"
    assert found.refusals == ()


def test_a_stated_i2t_is_held_too() -> None:
    fault, top = Short("10 mohm"), 1.05**2
    found = prospective(fault, HALF, 0.5, PORT, BENCH, DEVICE)
    assert prospective(fault, HALF, 0.5, PORT, rated(i2t=found.i2t * top * 1.001), DEVICE).refusals == ()
    (refusal,) = prospective(fault, HALF, 0.5, PORT, rated(i2t=found.i2t * top * 0.999), DEVICE).refusals
    assert refusal.startswith(
        "short 10 mΩ could put 201.2 A²s through the injector, rated 201 A²s; choose a milder fault"
    )


def test_ratings_are_held_at_the_top_of_the_voltage_band() -> None:
    fault, top = Short("10 mohm"), 1.05
    found = prospective(fault, HALF, 0.5, PORT, BENCH, DEVICE)
    fits = rated(voltage=56.7, current=found.peak_current * top, energy=found.energy * top**2)
    assert prospective(fault, HALF, 0.5, PORT, fits, DEVICE).refusals == ()
    tight = rated(voltage=56.0, current=found.peak_current, energy=found.energy)
    assert prospective(fault, HALF, 0.5, PORT, tight, DEVICE).refusals == (
        (
            "short 10 mΩ puts 56.7 V across the injector, rated 56 V; "
            "choose a milder fault, a shorter hold or another bench"
        ),
        (
            "short 10 mΩ could drive 776.1 A through the injector, rated 739.1 A; "
            "choose a milder fault, a shorter hold or another bench"
        ),
        (
            "short 10 mΩ could turn 2.012 J into heat in the injector and its tap, rated 1.825 J; "
            "choose a milder fault, a shorter hold or another bench"
        ),
    )


def test_a_contactor_must_carry_the_steady_current() -> None:
    weak = BENCH.contactors["tap_short"].model_copy(update={"carry": 10.0})
    bench = BENCH.model_copy(update={"contactors": {**BENCH.contactors, "tap_short": weak}})
    assert prospective(Short("10 mohm"), HALF, 0.5, PORT, bench, DEVICE).refusals == (
        "short 10 mΩ holds 18 A in contactor tap_short, which carries 10 A; choose a milder fault or another contactor",
    )


def test_a_contactor_must_break_what_the_injector_should_have_ended() -> None:
    weak = BENCH.contactors["tap_short"].model_copy(update={"breaking": 17.9})
    bench = BENCH.model_copy(update={"contactors": {**BENCH.contactors, "tap_short": weak}})
    assert prospective(Short("10 mohm"), HALF, 0.5, PORT, bench, DEVICE).refusals == (
        (
            "short 10 mΩ drives 18 A through contactor tap_short, which could not open it: it breaks 17.9 A; "
            "choose a milder fault or another contactor"
        ),
    )
    strong = weak.model_copy(update={"breaking": None})
    bench = BENCH.model_copy(update={"contactors": {**BENCH.contactors, "tap_short": strong}})
    assert prospective(Short("10 mohm"), HALF, 0.5, PORT, bench, DEVICE).refusals == ()


def test_refused_reversals() -> None:
    bench = rated(voltage=50.0).model_copy(update={"routes": {}})
    assert prospective(Reverse("54 V", "1 A"), HALF, 1.0, PORT, bench, DEVICE).refusals == (
        "reverse -54 V needs a route named 'reversed', which bench twin does not have; add it",
        "reverse -54 V stands across the injector, rated 50 V; lower the voltage",
    )
    assert prospective(Reverse("54 V", "50 A"), HALF, 1.0, PORT, BENCH, DEVICE).refusals == (
        (
            "reverse -54 V drives 50 A through contactor reverse_line, which could not open it: it breaks 40 A; "
            "choose a milder fault or another contactor"
        ),
        (
            "reverse -54 V holds 50 A in contactor reverse_line, which carries 40 A; "
            "choose a milder fault or another contactor"
        ),
    )


def test_taps_that_do_not_fit_are_listed() -> None:
    with pytest.raises(NoTap) as refusal:
        choose_tap(Overload(2.5), HALF, PORT, BENCH)
    assert str(refusal.value) == (
        "no tap of bench twin makes overload 2.5 x with base 50 % within 3 % (taps: tap_short: 166 x, tap_1: 1.05 x, "
        "tap_2: 1.5 x, tap_3: 2 x, tap_4: 2.99 x); choose one of these, or a bench with another tap"
    )
    with pytest.raises(NoTap) as refusal:
        choose_tap(Short("1 ohm"), HALF, PORT, BENCH)
    assert str(refusal.value) == (
        "no tap of bench twin makes short 1 Ω within 20 % (taps: tap_short: 10 mΩ, tap_1: 19.5 Ω, tap_2: 10.7 Ω, "
        "tap_3: 7.11 Ω, tap_4: 4.26 Ω); choose one of these, or a bench with another tap"
    )
    with pytest.raises(NoTap, match=r"\(taps: none\)"):
        choose_tap(Overload(2), HALF, PORT, bench_with(taps={}))


@given(st.floats(1.01, 4.0))
def test_a_chosen_tap_makes_the_multiple(multiple: float) -> None:
    fault = Overload(multiple)
    try:
        found = prospective(fault, HALF, 1.0, PORT, BENCH, DEVICE)
    except NoTap:
        made = [prospective(Overload(m), HALF, 1.0, PORT, BENCH, DEVICE).peak_current / 5 for m in (1.05, 1.5, 2, 3)]
        assert all(abs(value - multiple) > 0.03 * multiple for value in made)
    else:
        assert found.peak_current / 5 == pytest.approx(multiple, rel=0.03)


@pytest.mark.parametrize("hold", [0.0, -1.0, math.inf, math.nan])
def test_a_hold_is_a_time(hold: float) -> None:
    with pytest.raises(ValueError, match="the hold of short 10 mΩ must be a time above 0 s"):
        prospective(Short("10 mohm"), HALF, hold, PORT, BENCH, DEVICE)


def test_relay_operations_of_a_case() -> None:
    assert relay_operations(BENCH, "forward", "tap_1") == 6
    assert relay_operations(BENCH, "reversed", None) == 2


@pytest.mark.parametrize(
    ("fault", "base", "amps", "times"),
    [
        (Steps((0.0, 0.45, 0.9)), 0.0, 4.5, 3),
        (Draw("270 W"), 0.0, 5.0, 1),
        (Dump(), 0.9, 4.5, 1),
        (Start(), 0.5, 2.5, 1),
    ],
)
def test_a_load_draws_no_more_than_it_is_told(fault: Steps, base: float, amps: float, times: int) -> None:
    found = prospective(fault, Base(load=base), 2.0, PORT, BENCH, DEVICE)
    assert (found.tap, found.refusals) == (None, ())
    assert (found.peak_current, found.steady_current) == (amps, amps)
    assert found.energy == pytest.approx(54.0 * amps * 2.0 * times)
    assert "load_line" in found.path


def test_a_start_into_a_short_is_that_short() -> None:
    shorted = prospective(Short("10 mohm"), HALF, 0.5, PORT, BENCH, DEVICE)
    assert prospective(Start("10 mohm"), HALF, 0.5, PORT, BENCH, DEVICE) == shorted


def test_a_route_that_the_bench_does_not_have_is_not_operated() -> None:
    assert relay_operations(BENCH, "forward", "tap_1") == 6
    assert relay_operations(BENCH, "sideways", None) == 0

"""Stimuli are data: text at construction, SI floats after it, and a label for people."""

import math
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.faults import Base, Draw, Dump, Motor, Overload, Rest, Reverse, Sharing, Short, Start, Steps


@pytest.mark.parametrize(
    ("stimulus", "label"),
    [
        (Short(resistance="10 mohm"), "short 10 mΩ"),
        (Short("1.5 ohm"), "short 1.5 Ω"),
        (Overload(multiple=1.5), "overload 1.5 x"),
        (Overload(2), "overload 2 x"),
        (Reverse(voltage="54 V", current="1 A"), "reverse -54 V"),
        (Base(load=0.5), "base 50 %"),
        (Start(), "start"),
        (Start("10 mohm"), "start into 10 mΩ"),
        (Steps((0.0, 0.45, 0.9)), "3 loads to 90 %"),
        (Sharing((0.15, 0.75)), "2 shares to 75 %"),
        (Rest(), "a bus at rest"),
        (Overload(1.75, beside=True), "overload 1.75 x beside another source"),
        (Draw("255 W"), "load of 255 W"),
        (Dump(), "load dump"),
    ],
)
def test_labels(stimulus: object, label: str) -> None:
    assert stimulus.label == label


def test_attributes_are_si_and_frozen() -> None:
    short, reverse = Short("10 mohm"), Reverse("48 V", "500 mA")
    assert (short.resistance, reverse.voltage, reverse.current) == (0.01, 48.0, 0.5)
    assert short == Short("0.01 ohm")
    assert len({short, Short("10 mohm")}) == 1
    with pytest.raises(FrozenInstanceError):
        short.resistance = 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Short("10"), 'Short: resistance: write a quantity with a unit, for example "10 mohm"'),
        (
            lambda: Short("10 V"),
            'Short: resistance: expected a resistance in ohm, found "10 V" (a voltage); write for example "10 mohm"',
        ),
        (lambda: Short("0 ohm"), 'Short: resistance must be above 0, found "0 ohm"'),
        (lambda: Reverse("-54 V", "1 A"), 'Reverse: voltage must be above 0, found "-54 V"'),
        (lambda: Reverse("54 V", "0 A"), 'Reverse: current must be above 0, found "0 A"'),
        (lambda: Overload(1.0), "Overload: multiple must be above 1 (of the rated current), found 1.0"),
        (lambda: Overload(float("inf")), "Overload: multiple must be above 1 (of the rated current), found inf"),
        (lambda: Overload(float("nan")), "Overload: multiple must be above 1 (of the rated current), found nan"),
        (lambda: Base(50), "Base: load must be a fraction from 0 to 1 of the rated current, found 50"),
        (lambda: Base(-0.1), "Base: load must be a fraction from 0 to 1 of the rated current, found -0.1"),
    ],
)
def test_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError) as refusal:
        make()
    assert str(refusal.value) == message


@given(st.floats(0.01, 1.0), st.floats(1.0, 100.0), st.floats(0.1, 100.0))
def test_the_base_load_draws_its_fraction(load: float, voltage: float, rated: float) -> None:
    assert voltage / Base(load).resistance(voltage, rated) == pytest.approx(load * rated)


def test_no_base_load_is_an_open_circuit() -> None:
    assert Base(0).resistance(54.0, 5.0) == float("inf")


@pytest.mark.parametrize("loads", [(), (-0.1, 0.5), (1.1,), (float("nan"),)])
def test_loads_are_shares_of_the_rated_current(loads: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="loads must be fractions from 0 to 1 of the rated current"):
        Steps(loads)


@pytest.mark.parametrize(("make", "what"), [(lambda: Draw("0 W"), "above 0"), (lambda: Start("5 V"), "resistance")])
def test_loads_that_are_none(make: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        make()


def test_a_motor_takes_five_times_its_current_and_settles():
    motor = Motor(0.9)
    assert motor.share(0.0) == pytest.approx(0.9)
    assert motor.share(0.3) == pytest.approx(0.18 * (1 + 4 / math.e))
    assert motor.share(10.0) == pytest.approx(0.18)
    assert motor.label == "motor start of 90 %"
    with pytest.raises(ValueError, match="above 0 and up to 1"):
        Motor(1.2)

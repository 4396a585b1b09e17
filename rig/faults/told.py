"""Quantities of stimuli, written as text and read at once, and shares, which are plain numbers."""

from collections.abc import Iterable
from numbers import Real

from rig.files.quantity import QuantityError, parse


def positive(stimulus: str, name: str, text: str, unit: str) -> float:
    """In `unit`, SI. Raises ValueError, with the stimulus and its attribute, for what is none or not above 0."""
    try:
        value = parse(text, unit)
    except QuantityError as error:
        raise ValueError(f"{stimulus}: {name}: {error}") from None
    if value <= 0:
        raise ValueError(f'{stimulus}: {name} must be above 0, found "{text}"')
    return value


def plain(stimulus: str, name: str, *values: object) -> None:
    """Raises TypeError, with the stimulus and its attribute, for what is no plain number."""
    for value in values:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{stimulus}: {name} takes a plain number, without a unit, found {value!r}")


def several(stimulus: str, name: str, values: object) -> None:
    """Raises TypeError for what is not several plain numbers."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{stimulus}: {name} takes several, such as (0.5,), found {values!r}")
    plain(stimulus, name, *values)

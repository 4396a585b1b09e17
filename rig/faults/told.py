"""Quantities of stimuli, written as text and read at once."""

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

"""Quantities of a size that nothing in a laboratory has: sums of their squares are no numbers any more."""

from collections.abc import Iterator, Mapping
from typing import Any

from rig.files.document import Finding
from rig.files.quantity import QuantityError, parse_any

__all__ = ["sizes"]

SMALLEST, LARGEST = 1e-30, 1e30
"""In SI."""


def sizes(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[Finding]:
    """(path, sentence) for each such quantity anywhere in raw data."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from sizes(value, (*path, name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from sizes(value, (*path, index))
    elif isinstance(data, str):
        try:
            value = parse_any(data)[0]
        except QuantityError:
            return
        if value != 0 and not SMALLEST <= abs(value) <= LARGEST:
            yield path, f'"{data}" is no size that anything in a laboratory has'

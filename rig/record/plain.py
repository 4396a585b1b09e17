"""Between Python values and plain JSON: no information lost, nothing that JSON cannot say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import PurePath
from typing import Any

__all__ = ["number", "plain"]


def plain(value: object) -> Any:
    """`value` as dict, list, str, int, float, bool or None, all the way down.

    JSON has no infinity and no NaN, and a budget has infinite degrees of freedom: they become the words "inf",
    "-inf" and "nan", which `number` reads back. Dataclasses become dicts, tuples lists, numpy scalars numbers.
    Raises TypeError for what has no plain form (arrays belong into captures).
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return _scalar(value)


def _scalar(value: object) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    item = getattr(value, "item", None)  # a numpy scalar, without importing numpy
    if callable(item) and getattr(value, "ndim", None) == 0:
        return plain(item())
    raise TypeError(f"a record cannot hold {value!r}: give plain numbers, text, lists and mappings")


def number(value: object) -> float | None:
    """The float behind a plain JSON value: None stays None, the words "inf", "-inf", "nan" become floats.

    Raises ValueError for anything else.
    """
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if value in ("inf", "-inf", "nan"):
        return float(str(value))
    raise ValueError(f"{value!r} is not a number")

"""Accuracy of an instrument as data, one row a function and range. Limits of error, not standard uncertainties.

Error bound = gain_frac * |reading| + offset_frac_of_range * range + offset_abs, rectangular unless its source says
otherwise. `verified` is True only where the maker's own data sheet or manual was read, in the original or in a faithful
copy of its table; its source then names the document and the page or section. Any other row says in its source, after
"not verified", what it rests on, and has to be judged as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_AMBIENT = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)(?: (\+-|to) (-?\d+(?:\.\d+)?))? degC")
Function = Literal["set voltage", "measure voltage", "set current", "measure current"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    function: Function
    range: float
    """Full value of the range, in the unit of the function."""
    gain_frac: float = 0.0
    """Part of the reading, 1."""
    offset_abs: float = 0.0
    """In the unit of the function."""
    offset_frac_of_range: float = 0.0
    """Part of the range, 1."""
    resolution: float = 0.0
    """One step, in the unit of the function; 0: not stated."""
    timebase_ppm: float | None = None
    """Sampling functions: limit of the time base's relative error, 1e-6."""
    skew_s: float | None = None
    """Sampling functions: largest time between channels of one sample, s."""
    tempco_frac_per_k: float = 0.0
    """Outside the conditions: part of the reading per kelvin, 1/K."""
    tempco_abs_per_k: float = 0.0
    """Outside the conditions: in the unit of the function per kelvin."""
    interval: str = ""
    """How long after calibration the row holds, such as "1 year"; empty: not stated."""
    conditions: str = ""
    """Under which the row holds, such as "25 +- 5 degC, 1 h warm-up"."""
    models: str = ""
    """Pattern of the models of a family that the row is for; empty: all."""
    source: str = ""
    """Document, or 'not verified: ...'."""
    verified: bool = False

    @property
    def temperatures(self) -> tuple[float, float] | None:
        """Between which ambient temperatures, degC, the row holds; None where its conditions name none.

        "25 +- 5 degC" is 20 to 30, "18 to 28 degC" is that, and "25 degC" is 25 and no other.
        """
        found = _AMBIENT.search(self.conditions)
        if found is None:
            return None
        first, word, second = float(found[1]), found[2], float(found[3] or 0.0)
        return (first, second) if word == "to" else (first - second, first + second)

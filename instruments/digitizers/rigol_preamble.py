"""The ten numbers of Rigol's :WAVeform:PREamble?, checked for raw data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from instruments.errors import ProtocolError

_RAW = 2
_FORMS = {"BYTE": (0, 0xFF), "WORD": (1, 0xFFFF)}  # number of the format, largest code


@dataclass(frozen=True, slots=True)
class Preamble:
    """x in seconds from the trigger; volts = (code - y_origin - y_reference) * y_increment.

    The number of points is left out: some firmware says that of the screen here, not that of the memory.
    """

    x_increment: float
    x_origin: float
    y_increment: float
    y_origin: float
    y_reference: float


def parse_preamble(instrument: str, reply: str, form: Literal["BYTE", "WORD"]) -> Preamble:
    """format, type, points, count, xincrement, xorigin, xreference, yincrement, yorigin, yreference. ProtocolError."""
    try:
        numbers = [float(field) for field in reply.split(",")]
        number, kind, _points, _count, x_increment, x_origin, x_reference, y_increment, y_origin, y_reference = numbers
    except ValueError:
        what = f"{reply!r} is not a preamble of ten numbers"
        raise ProtocolError(instrument, ":WAV:PRE?", what, "check model and firmware") from None
    usable = all(map(math.isfinite, numbers)) and x_increment > 0.0 and y_increment > 0.0
    expected, top = _FORMS[form]
    if (number, kind, x_reference) != (expected, _RAW, 0.0) or not usable or not 0 <= y_reference <= top:
        what = f"the preamble {reply!r} is not of raw {form} data"
        raise ProtocolError(instrument, ":WAV:PRE?", what, "fetch again; check the firmware if it persists")
    return Preamble(x_increment, x_origin, y_increment, y_origin, y_reference)

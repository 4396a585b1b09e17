"""The ten numbers of Rigol's :WAVeform:PREamble?, checked for raw words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from instruments.errors import ProtocolError

_WORD, _RAW = 1, 2


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


def parse_preamble(instrument: str, reply: str) -> Preamble:
    """format, type, points, count, xincrement, xorigin, xreference, yincrement, yorigin, yreference. ProtocolError."""
    try:
        numbers = [float(field) for field in reply.split(",")]
        form, kind, _points, _count, x_increment, x_origin, x_reference, y_increment, y_origin, y_reference = numbers
    except ValueError:
        what = f"{reply!r} is not a preamble of ten numbers"
        raise ProtocolError(instrument, ":WAV:PRE?", what, "check model and firmware") from None
    usable = all(map(math.isfinite, numbers)) and x_increment > 0.0 and y_increment > 0.0
    if (form, kind, x_reference) != (_WORD, _RAW, 0.0) or not usable:
        what = f"the preamble {reply!r} is not of raw words"
        raise ProtocolError(instrument, ":WAV:PRE?", what, "fetch again; check the firmware if it persists")
    return Preamble(x_increment, x_origin, y_increment, y_origin, y_reference)

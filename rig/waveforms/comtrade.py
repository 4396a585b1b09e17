"""COMTRADE, what protection engineers exchange: a configuration in text and samples as 16-bit integers.

Source: IEEE C37.111-2013 / IEC 60255-24:2013: section 7 (configuration), 8.6 (BINARY data: sample number and time stamp
of four bytes each, two bytes a channel, little endian; 0x8000 marks a missing value). Values are a x + b. Time stamps
are nanoseconds times the multiplier, for the dates have nine digits of a second; the sample rate in the configuration
is what counts. A capture has no date of its own: the trigger, where its time is 0, or the first sample, whichever is
earlier, is put at the start of 1970.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FULL = 32_767
MISSING = -32_768
STAMPS = 2**32 - 2
"""The largest time stamp; 0xFFFFFFFF means none."""


def write_comtrade(
    channels: Sequence[tuple[str, str, Floats]], dt: float, start: float, station: str
) -> tuple[bytes, bytes]:
    """(configuration, samples) of channels (name, unit, values) sampled every `dt` s from `start` s on.

    Raises ValueError: a start more than a day from 0.
    """
    count = channels[0][2].size
    scales = [_scale(values) for _, _, values in channels]
    lines = [
        f"{_plain(station)},nanogrid-rig,2013",
        f"{len(channels)},{len(channels)}A,0D",
        *(
            f"{k},{_plain(name)},,,{_plain(unit)},{a!r},{b!r},0.0,{-FULL},{FULL},1,1,P"
            for k, ((name, unit, _), (a, b)) in enumerate(zip(channels, scales, strict=True), 1)
        ),
        "0",  # no line frequency: it is a DC grid
        "1",
        f"{1.0 / dt!r},{count}",
        f"01/01/1970,{_clock(max(start, 0.0))}",
        f"01/01/1970,{_clock(max(-start, 0.0))}",
        "BINARY",
        _multiplier(dt, count),
        "0,x",
        "F,3",
    ]
    kind = np.dtype([("n", "<u4"), ("t", "<u4"), ("v", "<i2", (len(channels),))])
    data = np.zeros(count, kind)
    data["n"] = np.arange(1, count + 1)
    ticks = np.arange(count) * dt * 1e9 / float(_multiplier(dt, count))
    data["t"] = np.minimum(np.rint(ticks), STAMPS).astype(np.uint32)
    for k, ((_, _, values), (a, b)) in enumerate(zip(channels, scales, strict=True)):
        lost = ~np.isfinite(values)
        data["v"][:, k] = np.where(lost, MISSING, np.rint((np.where(lost, b, values) - b) / a)).astype(np.int16)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8"), data.tobytes()


def _scale(values: Floats) -> tuple[float, float]:
    """(a, b) so that all finite values fit into +- FULL."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 1.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    middle, step = low / 2.0 + high / 2.0, (high / 2.0 - low / 2.0) / FULL
    return (step if step > np.finfo(float).tiny else 1.0), middle


def _multiplier(dt: float, count: int) -> str:
    """Of the time stamps' nanoseconds: small enough for the sample interval, large enough for the whole record."""
    fine = min(1.0, 10.0 ** math.floor(math.log10(dt * 1e9)))
    coarse = dt * 1e9 * count / STAMPS
    return repr(max(fine, 10.0 ** math.ceil(math.log10(coarse)) if coarse > 0.0 else fine))


def _clock(instant: float) -> str:
    """hh:mm:ss.sssssssss on the first day of 1970. Raises ValueError for more than a day."""
    nano = round(instant * 1e9)
    if nano >= 86_400 * 10**9:
        raise ValueError("its trigger and its first sample are more than a day apart, which COMTRADE cannot say")
    seconds, rest = divmod(nano, 10**9)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:09d}"


def _plain(text: str) -> str:
    """A field: no separator, no line end, at most 64 characters."""
    return "".join(c if c.isprintable() and c != "," else " " for c in text)[:64]

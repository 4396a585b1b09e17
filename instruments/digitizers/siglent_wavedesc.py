"""The binary descriptor that answers Siglent's :WAVeform:PREamble?: offsets of its fields, checked."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from instruments.errors import ProtocolError

LENGTH = 346  # bytes
_COMM_TYPE, _COMM_ORDER, _COUNT = 32, 34, 116
_GAIN, _OFFSET, _CODE_PER_DIV, _INTERVAL, _DELAY, _PROBE = 156, 160, 164, 176, 180, 328


@dataclass(frozen=True, slots=True)
class WaveDesc:
    """Volts = code / code_per_div * volts_per_div - offset, for signed codes, in volts behind the probe's ratio.

    The record spans the screen, whose middle lies `delay` seconds after the trigger.
    """

    words: bool
    count: int
    volts_per_div: float
    offset: float
    code_per_div: float
    interval: float
    delay: float


def parse_wavedesc(instrument: str, data: bytes) -> WaveDesc:
    """Fields little-endian, at the offsets of the SDS Series Programming Guide (EN11G, p. 755). ProtocolError."""

    def bad(what: str) -> ProtocolError:
        return ProtocolError(instrument, ":WAV:PRE?", f"the descriptor {what}", "check model and firmware")

    if len(data) != LENGTH or not data.startswith(b"WAVEDESC"):
        raise bad(f"of {len(data)} bytes begins with {data[:8]!r}")
    words, order = struct.unpack_from("<2h", data, _COMM_TYPE)
    (count,) = struct.unpack_from("<i", data, _COUNT)
    gain, offset, code_per_div = struct.unpack_from("<3f", data, _GAIN)
    (interval,) = struct.unpack_from("<f", data, _INTERVAL)
    (delay,) = struct.unpack_from("<d", data, _DELAY)
    (probe,) = struct.unpack_from("<f", data, _PROBE)
    numbers = (gain, offset, code_per_div, interval, delay, probe)
    if words not in {0, 1} or order != 0 or count < 0 or not all(map(math.isfinite, numbers)):
        raise bad(f"holds type {words}, order {order}, {count} points, numbers {numbers}")
    if count and min(gain, code_per_div, interval, probe) <= 0.0:
        raise bad(f"holds {gain} V/div, {code_per_div} codes/div, {interval} s, probe {probe}")
    return WaveDesc(words == 1, count, gain * probe, offset * probe, code_per_div, interval, delay)

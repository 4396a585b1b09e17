"""From what an instrument delivered to what the device did: corrections and transducers applied."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rig.files.transducers import Shunt
from rig.measure import Trace

if TYPE_CHECKING:
    import numpy as np

    from instruments.records import Waveform
    from rig.files.transducers import Transducer
    from rig.run.chain import Channel

__all__ = ["fast_trace", "slow_trace", "timed"]


def fast_trace(signal: str, waveform: Waveform, transducer: Transducer, channel: Channel) -> Trace:
    """A digitizer channel as the signal at the device."""
    scale, offset = _corrected((waveform.scale, waveform.offset), channel)
    return Trace(
        signal=signal,
        unit=channel.unit,
        codes=waveform.codes,
        scale=scale,
        offset=offset,
        dt=waveform.dt_s,
        start=waveform.start_s,
        code_min=waveform.code_min,
        code_max=waveform.code_max,
        bandwidth=transducer.bandwidth,
        lead_time=_lead_time(transducer),
        accuracy=channel.accuracy,
    )


def slow_trace(
    signal: str,
    codes: np.ndarray,
    conversion: tuple[float, float],
    rate: float,
    transducer: Transducer,
    channel: Channel,
) -> Trace:
    """A stretch of a recorder channel as the signal at the device; time 0 is the first scan."""
    scale, offset = _corrected(conversion, channel)
    return Trace(
        signal=signal,
        unit=channel.unit,
        codes=codes,
        scale=scale,
        offset=offset,
        dt=1.0 / rate,
        start=0.0,
        code_min=0,
        code_max=0xFFFF,
        bandwidth=transducer.bandwidth,
        lead_time=_lead_time(transducer),
        accuracy=channel.accuracy,
    )


def timed(trace: Trace, channel: Channel) -> Trace:
    """A trace after the transfer of its session, with what is known of its own time."""
    own, now = trace.accuracy, channel.accuracy
    if own is None or own.skew_u == now.skew_u:
        return trace
    parts = {**own.parts, "skew": now.parts.get("skew", ())}
    return replace(trace, accuracy=replace(own, skew_u=now.skew_u, parts=parts))


def _corrected(conversion: tuple[float, float], channel: Channel) -> tuple[float, float]:
    """Scale and offset from codes to the signal, from those to volts at the instrument."""
    scale, offset = conversion
    return scale * channel.gain * channel.factor, (offset * channel.gain + channel.offset) * channel.factor


def _lead_time(transducer: Transducer) -> float:
    return transducer.inductance / transducer.resistance if isinstance(transducer, Shunt) else 0.0

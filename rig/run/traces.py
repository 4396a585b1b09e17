"""From what an instrument delivered to what the device did: transducers applied, accuracy put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.files.bench import Shunt
from rig.measure import Trace, TraceAccuracy, accuracy_of, rectangular

if TYPE_CHECKING:
    import numpy as np

    from instruments.accuracy import Accuracy
    from instruments.records import Waveform
    from rig.files.bench import Transducer

__all__ = ["channel_accuracy", "fast_trace", "slow_trace", "unit_per_volt"]


def unit_per_volt(transducer: Transducer) -> tuple[float, str]:
    """Factor from volts at the instrument to the signal, and the signal's unit."""
    return (1.0 / transducer.resistance, "A") if isinstance(transducer, Shunt) else (transducer.ratio, "V")


def channel_accuracy(instrument: Accuracy, transducer: Transducer) -> TraceAccuracy:
    """Standard uncertainties of instrument and transducer together, limits of error taken as rectangular.

    What an instrument's row says holds at its own conditions: temperature coefficients are not applied.
    """
    factor, _ = unit_per_volt(transducer)
    source = instrument.source
    offset = factor * (instrument.offset_frac_of_range * instrument.range + instrument.offset_abs)
    known = instrument.skew_s is not None
    return accuracy_of(
        gain=(
            rectangular("gain of the instrument", instrument.gain_frac, source=source),
            rectangular("tolerance of the transducer", transducer.tolerance, source="bench file"),
        ),
        offset=(rectangular("offset of the instrument", offset, source=source),),
        skew=(rectangular("delay between channels", instrument.skew_s or 0.0, source=source),) if known else None,
        timebase=(rectangular("time base", (instrument.timebase_ppm or 0.0) * 1e-6, source=source),),
        verified=False,  # a calibration's word, which no data sheet is
        note=instrument.source,
        checked=instrument.verified,
    )


def fast_trace(signal: str, waveform: Waveform, transducer: Transducer, accuracy: TraceAccuracy) -> Trace:
    """A digitizer channel as the signal at the device."""
    factor, unit = unit_per_volt(transducer)
    return Trace(
        signal=signal,
        unit=unit,
        codes=waveform.codes,
        scale=waveform.scale * factor,
        offset=waveform.offset * factor,
        dt=waveform.dt_s,
        start=waveform.start_s,
        code_min=waveform.code_min,
        code_max=waveform.code_max,
        bandwidth=transducer.bandwidth,
        lead_time=_lead_time(transducer),
        accuracy=accuracy,
    )


def slow_trace(
    signal: str,
    codes: np.ndarray,
    conversion: tuple[float, float],
    rate: float,
    transducer: Transducer,
    accuracy: TraceAccuracy,
) -> Trace:
    """A stretch of a recorder channel as the signal at the device; time 0 is the first scan."""
    factor, unit = unit_per_volt(transducer)
    scale, offset = conversion
    return Trace(
        signal=signal,
        unit=unit,
        codes=codes,
        scale=scale * factor,
        offset=offset * factor,
        dt=1.0 / rate,
        start=0.0,
        code_min=0,
        code_max=0xFFFF,
        bandwidth=transducer.bandwidth,
        lead_time=_lead_time(transducer),
        accuracy=accuracy,
    )


def _lead_time(transducer: Transducer) -> float:
    return transducer.inductance / transducer.resistance if isinstance(transducer, Shunt) else 0.0

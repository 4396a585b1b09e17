"""The measuring chain of a session: instrument, transducer, their certificates, the room's temperature.

It says for each channel what to correct and what is then known of it, and keeps that for the record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rig.bench.certificates import channel_covering, transducer_covering
from rig.bench.readings import slow_row
from rig.files.transducers import Reading, Shunt, Thermometer
from rig.measure import READ_BACK, TraceAccuracy, accuracy_of, rectangular
from rig.measure.calibration.certificate import Correction, beyond, covers, drifting, from_table, from_value

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from instruments.accuracy import Accuracy
    from rig.bench.certificates import Covering, Held
    from rig.files.bench import Bench
    from rig.files.transducers import Transducer
    from rig.measure import Line
    from rig.run.stage import Stage

__all__ = ["REFUSED_BY_POLICY", "Chain", "Channel", "measuring_chain", "unit_per_volt"]

EXPIRED, NOT_COVERING = "calibration-expired", "calibration-not-covering"
OUTSIDE, NO_AMBIENT = "outside-conditions", "ambient-not-recorded"
REFUSED_BY_POLICY = frozenset(
    {
        EXPIRED,
        NOT_COVERING,
        OUTSIDE,
        NO_AMBIENT,
        "check-standard-failed",
        "datasheet-only",
        "datasheet-not-checked",
        "accuracy-absent",
    }
)
"""Flags with which a lab whose policy is `inconclusive` gives no verdict."""
_FLAG = {"expired": EXPIRED, "not covering": NOT_COVERING}


def unit_per_volt(transducer: Transducer) -> tuple[float, str]:
    """Nominal factor from volts at the instrument to the signal, and the signal's unit."""
    if isinstance(transducer, Reading):
        return float(transducer.factor), transducer.unit
    if isinstance(transducer, Thermometer):
        return 1.0 / transducer.volts_per_kelvin, "degC"
    return (1.0 / transducer.resistance, "A") if isinstance(transducer, Shunt) else (transducer.ratio, "V")


@dataclass(frozen=True, slots=True)
class Channel:
    """signal = (volts at the instrument * gain + offset) * factor, and how well that is known."""

    factor: float
    unit: str
    gain: float
    offset: float
    accuracy: TraceAccuracy
    instrument: Covering
    transducer: Covering


@dataclass(frozen=True, slots=True)
class Chain:
    """`serials` are those of the instruments that answered; `ambient` the room's lowest and highest temperature, degC,
    None where nobody recorded it."""

    bench: Bench
    held: Sequence[Held]
    serials: Mapping[str, str]
    today: dt.date
    ambient: tuple[float, float] | None

    def channel(self, role: str, channel: str, row: Accuracy, transducer: str) -> Channel:
        """One channel of the instrument in `role` behind a transducer of the bench file; `row` is its maker's word."""
        # Without a recorder its channels are readings of those who make them, such as load.volts.
        name = self.bench.roles.get(role) or self.bench.roles[channel.partition(".")[0]]  # type: ignore[call-overload, index]
        part = self.bench.transducers[transducer]
        factor, unit = unit_per_volt(part)
        instrument = channel_covering(self.held, name, self.serials.get(name, ""), channel, row.range, self.today)
        behind = transducer_covering(self.held, transducer, self.today)
        ends = row.range / 2 if role == "digitizer" else row.range  # a screen's full height, a converter's +- range
        if instrument.result is not None and not covers([p.reading for p in instrument.result.points], ends):
            why = "its table does not reach towards both ends of the range"
            instrument = replace(instrument, state="not covering", result=None, why=why)
        own, flags = self._instrument(instrument, row, factor, screen=role == "digitizer")
        part_own, part_flags = self._transducer(behind, part)
        known = row.skew_s is not None
        accuracy = accuracy_of(
            gain=(*own.gain_lines, *part_own.gain_lines),
            offset=(*own.offset_lines, *_apart(part)),
            skew=(rectangular("delay between channels", row.skew_s or 0.0, source=row.source),) if known else None,
            timebase=(rectangular("time base", (row.timebase_ppm or 0.0) * 1e-6, source=row.source),),
            verified=instrument.state == "valid" and (behind.state == "valid" or isinstance(part, Reading)),
            note=_note(instrument, behind, row),
            checked=row.verified or instrument.state == "valid",
            flags=tuple(sorted({*flags, *part_flags, *((READ_BACK,) if isinstance(part, Reading) else ())})),
        )
        return Channel(factor * part_own.gain, unit, own.gain, own.offset, accuracy, instrument, behind)

    def certificates(self) -> list[dict[str, object]]:
        """Each certificate of the bench as the record names it, with its standing today."""
        return [_told(one, self.today) for one in self.held]

    def _instrument(
        self, covering: Covering, row: Accuracy, factor: float, *, screen: bool
    ) -> tuple[Correction, list[str]]:
        """The correction of the reading, V; its offset lines in the signal's unit. An expired one still corrects.

        The position on a digitizer's `screen` is none that a certificate knows: its maker's offset stays.
        """
        flags = [_FLAG[covering.state]] if covering.state in _FLAG else []
        offset_v = row.offset_frac_of_range * row.range + row.offset_abs
        sheet = Correction(
            1.0,
            0.0,
            (rectangular("gain of the instrument", row.gain_frac, source=row.source),),
            (rectangular("offset of the instrument", offset_v, source=row.source),),
        )
        result, held, reference = covering.result, covering.held, row.temperatures
        if result is None or held is None:
            found = sheet
        else:
            certificate, points = held.certificate, result.points
            table = from_table(
                [p.reading for p in points],
                [p.applied for p in points],
                [p.U for p in points],
                certificate.k,
                held.source,
            )
            drift = () if result.drift is None else _allowance(result.drift, held.source)
            drift_offset = () if result.drift_offset is None else _allowance(result.drift_offset, held.source)
            stated = result.drift is not None or result.drift_offset is not None
            found = Correction(
                table.gain,
                table.offset,
                drift if stated else sheet.gain_lines,
                (*table.offset_lines, *drift_offset, *(sheet.offset_lines if screen or not stated else ())),
            )
            reference = (certificate.temperature, certificate.temperature)
        gain, offset = found.gain_lines, found.offset_lines
        if reference is not None and self.ambient is None:
            flags.append(NO_AMBIENT)
        elif reference is not None and self.ambient is not None:
            kelvin = beyond(self.ambient, reference)
            outside = beyond(self.ambient, row.temperatures or reference) > 0.0  # within, the maker's figures cover it
            if outside and not (row.tempco_frac_per_k or row.tempco_abs_per_k):
                flags.append(OUTSIDE)
            what = f"outside {_degrees(reference)}"
            gain = (*gain, *drifting(row.tempco_frac_per_k, kelvin, what, row.source))
            offset = (*offset, *drifting(row.tempco_abs_per_k, kelvin, what, row.source))
        scaled = tuple(line.scaled(line.sensitivity * factor) for line in offset)
        return Correction(found.gain, found.offset, gain, scaled), flags

    def _transducer(self, covering: Covering, part: Transducer) -> tuple[Correction, list[str]]:
        """The correction of the factor."""
        flags = [_FLAG[covering.state]] if covering.state in _FLAG else []
        tolerance = (rectangular("tolerance of the transducer", part.tolerance, source="bench file"),)
        held = covering.held
        if held is None or covering.state == "not covering":
            return Correction(1.0, 0.0, tolerance, ()), flags
        certificate = held.certificate
        assert not isinstance(part, Reading), "a reading is certified as its instrument"
        assert not isinstance(part, Thermometer), "certificates.py refuses a certificate of one"
        value, nominal = (
            (certificate.resistance, part.resistance) if isinstance(part, Shunt) else (certificate.ratio, part.ratio)
        )
        assert value is not None  # checked when it was loaded
        found = from_value(value.value, nominal, value.U, certificate.k, held.source)
        lines = [*found.gain_lines, *(tolerance if value.drift is None else _allowance(value.drift, held.source))]
        if value.tempco is not None and self.ambient is None:
            flags.append(NO_AMBIENT)
        elif value.tempco is not None and self.ambient is not None:
            kelvin = beyond(self.ambient, (certificate.temperature,) * 2)
            lines += drifting(value.tempco, kelvin, f"from {certificate.temperature:g} degC", held.source)
        gain = 1.0 / found.gain if isinstance(part, Shunt) else found.gain  # a shunt gives amperes per volt
        return Correction(gain, 0.0, tuple(lines), ()), flags


def measuring_chain(stage: Stage) -> list[tuple[str, str, Accuracy, Channel]]:
    """Each signal and range: its name, its channel, what its maker says, what stands behind it and is corrected."""
    digitizer, recorder = stage.equipment.digitizer, stage.equipment.recorder
    rows: dict[tuple[str, object], tuple[str, str, Accuracy, Channel]] = {}
    for view in stage.views.values():
        for signal, setting in view.settings.items():
            row = digitizer.channel_accuracy(setting.volts_per_div, -setting.centre)
            channel = stage.fast_channel(signal, setting)
            rows[signal, setting] = signal, f"digitizer {setting.channel}", row, channel
    for signal, entry in stage.monitor.signals.items():
        row = slow_row(recorder, stage.bench, entry)
        rows[signal, entry] = signal, f"recorder {entry.channel}", row, stage.slow_channel(signal)
    return list(rows.values())


def _apart(part: Transducer) -> tuple[Line, ...]:
    """How far a signal may lie from where an instrument reads itself, or from what a thermometer tells of it."""
    if isinstance(part, Thermometer):
        return (rectangular("offset of the thermometer", part.within, source="bench file"),)
    if not isinstance(part, Reading) or not part.apart:
        return ()
    return (rectangular("between the instrument and the signal", part.apart, source="bench file"),)


def _allowance(half_width: float, source: str) -> tuple[Line, ...]:
    return (rectangular("drift until the next calibration", half_width, source=source),)


def _degrees(ends: tuple[float, float]) -> str:
    return f"{ends[0]:g} degC" if ends[0] == ends[1] else f"{ends[0]:g} to {ends[1]:g} degC"


def _note(instrument: Covering, transducer: Covering, row: Accuracy) -> str:
    words = [one.held.source for one in (instrument, transducer) if one.state == "valid" and one.held is not None]
    return "; ".join(dict.fromkeys(words if instrument.state == "valid" else [row.source, *words]))


def _told(held: Held, today: dt.date) -> dict[str, object]:
    one = held.certificate
    standing = "expired" if today > one.due else "not yet" if today < one.calibrated else "valid"
    return {
        "number": one.number, "laboratory": one.laboratory, "for": one.subject, "serial": one.serial,
        "calibrated": one.calibrated.isoformat(), "due": one.due.isoformat(), "standing": standing,
        "temperature": f"{one.temperature:g} degC", "file": held.file, "sha256": held.sha256,
    }  # fmt: skip

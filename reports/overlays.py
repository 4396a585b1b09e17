"""What is drawn over a waveform: the instants a result rests on, its limits and its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.words import finite

__all__ = ["Band", "Level", "Mark", "Overlays", "overlays"]


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant, s on the record's own axis; `unit` is of the quantity read there, `clear` that it passed."""

    t: float
    label: str
    unit: str = "s"
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """A limit: where it is drawn (unit s: on the record's axis) and its value as stated."""

    unit: str
    at: float
    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """An interval: `kind` "U" for value ± U, "band" for the band a voltage has to return to."""

    unit: str
    low: float
    high: float
    kind: str = "U"


@dataclass(frozen=True, slots=True)
class Overlays:
    """Everything drawn over one record."""

    marks: tuple[Mark, ...]
    levels: tuple[Level, ...]
    bands: tuple[Band, ...]


def overlays(record: str, verdicts: Sequence[Mapping[str, Any]]) -> Overlays:
    """Marks, limits and uncertainties of the verdicts of one case that rest on `record`, each once."""
    marks: dict[tuple[float, str], Mark] = {}
    levels: dict[Level, None] = {}
    bands: dict[Band, None] = {}
    for verdict in verdicts:
        own = _marks(record, verdict)
        for mark in own:
            known = marks.get((mark.t, mark.label))
            marks[mark.t, mark.label] = mark if known is None or known.clear else known
        if own:
            found_levels, found_bands = _judged(verdict, _begin(record, verdict))
            levels.update(dict.fromkeys(found_levels))
            bands.update(dict.fromkeys(found_bands))
    return Overlays(tuple(sorted(marks.values(), key=lambda mark: mark.t)), tuple(levels), tuple(bands))


def _marks(record: str, verdict: Mapping[str, Any]) -> list[Mark]:
    found = verdict.get("measurement") or {}
    clear = verdict["decision"]["verdict"] == "PASS"
    return [
        Mark(t, str(mark.get("label", "")), str(found.get("unit", "")), clear)
        for mark in found.get("marks") or []
        if mark.get("record") == record and (t := finite(mark.get("t"))) is not None
    ]


def _begin(record: str, verdict: Mapping[str, Any]) -> float | None:
    """Where a time interval begins on the axis of `record`; its first mark may lie on another record."""
    found = verdict["measurement"]
    value, (first, *_), last = finite(found.get("value")), found["marks"], _marks(record, verdict)[-1]
    if first.get("record") == record:
        return finite(first.get("t"))
    return None if value is None else last.t - value


def _judged(verdict: Mapping[str, Any], begin: float | None) -> tuple[list[Level], list[Band]]:
    found, limit = verdict["measurement"], verdict.get("limit") or {}
    unit, value, U = str(found.get("unit", "")), finite(found.get("value")), finite(verdict.get("U"))
    sides = [side for side in (finite(limit.get("low")), finite(limit.get("high"))) if side is not None]
    bands = _recovery_band(found)
    if unit == "s" and begin is None:
        return [], bands
    shift = (begin or 0.0) if unit == "s" else 0.0
    if unit in ("V", "A", "s"):
        if value is not None and U:
            bands.append(Band(unit, shift + value - U, shift + value + U))
        return [Level(unit, shift + side, side, "limit") for side in sides], bands
    return [], bands


def _recovery_band(found: Mapping[str, Any]) -> list[Band]:
    """The band that the voltage has to come back to, as the measurement used it."""
    inputs = found.get("inputs")
    if found.get("measurand") != "recovery_time" or not isinstance(inputs, Mapping):
        return []
    low, high = finite(inputs.get("low")), finite(inputs.get("high"))
    return [] if low is None or high is None else [Band("V", low, high, "band")]

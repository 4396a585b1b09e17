"""What is drawn over a waveform: the instants a result rests on, its limits and its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    """Everything drawn over one record; `unended` that a time began here whose end was not found."""

    marks: tuple[Mark, ...]
    levels: tuple[Level, ...]
    bands: tuple[Band, ...]
    unended: bool = False


def overlays(record: str, verdicts: Sequence[Mapping[str, Any]]) -> Overlays:
    """What the verdicts of one case say about `record`, each once: marks, limits and uncertainties of those that rest
    on it, voltage limits of all, and outside the fault record the band that the voltage has to come back to."""
    marks: dict[tuple[float, str], Mark] = {}
    levels: dict[Level, None] = {}
    bands: dict[Band, None] = {}
    unended = False
    for verdict in verdicts:
        own = _marks(record, verdict)
        for mark in own:
            known = marks.get((mark.t, mark.label), mark)
            unit = "s" if "s" in (known.unit, mark.unit) else known.unit
            marks[mark.t, mark.label] = replace(known, unit=unit, clear=known.clear and mark.clear)
        begin = _begin(record, verdict) if own else None
        unended |= begin is not None and verdict["measurement"].get("value") is None
        levels.update(dict.fromkeys(_levels(verdict, begin, here=bool(own))))
        bands.update(dict.fromkeys(_spread(verdict, begin) if own else []))
        if record != "fault":
            bands.update(dict.fromkeys(_recovery_band(verdict)))
    return Overlays(tuple(sorted(marks.values(), key=lambda mark: mark.t)), tuple(levels), tuple(bands), unended)


def _marks(record: str, verdict: Mapping[str, Any]) -> list[Mark]:
    found = verdict.get("measurement") or {}
    clear = verdict["decision"]["verdict"] == "PASS"
    return [
        Mark(t, str(mark.get("label", "")), str(found.get("unit", "")), clear)
        for mark in found.get("marks") or []
        if mark.get("record") == record and (t := finite(mark.get("t"))) is not None
    ]


def _begin(record: str, verdict: Mapping[str, Any]) -> float | None:
    """Where a time begins on the axis of `record`, None for other quantities; its first mark may lie elsewhere."""
    found = verdict["measurement"]
    if found.get("unit") != "s":
        return None
    value, (first, *_), last = finite(found.get("value")), found["marks"], _marks(record, verdict)[-1]
    if first.get("record") == record:
        return finite(first.get("t"))
    return None if value is None else last.t - value


def _levels(verdict: Mapping[str, Any], begin: float | None, *, here: bool) -> list[Level]:
    """A voltage limit holds in every record, a current limit where the current was judged, a time from its begin."""
    found, limit = verdict.get("measurement") or {}, verdict.get("limit") or {}
    unit = str(found.get("unit", ""))
    sides = [side for side in (finite(limit.get("low")), finite(limit.get("high"))) if side is not None]
    if unit == "s" and begin is not None:
        return [Level(unit, begin + side, side, "limit") for side in sides]
    if unit == "V" or (unit == "A" and here):
        return [Level(unit, side, side, "limit") for side in sides]
    return []


def _spread(verdict: Mapping[str, Any], begin: float | None) -> list[Band]:
    found = verdict["measurement"]
    unit, value, U = str(found.get("unit", "")), finite(found.get("value")), finite(verdict.get("U"))
    if value is None or not U or unit not in ("V", "A", "s") or (unit == "s" and begin is None):
        return []
    at = value + (begin or 0.0) if unit == "s" else value
    return [Band(unit, at - U, at + U)]


def _recovery_band(verdict: Mapping[str, Any]) -> list[Band]:
    """The band that the voltage has to come back to, as the measurement used it."""
    found = verdict.get("measurement") or {}
    inputs = found.get("inputs")
    if found.get("measurand") != "recovery_time" or not isinstance(inputs, Mapping):
        return []
    low, high = finite(inputs.get("low")), finite(inputs.get("high"))
    return [] if low is None or high is None else [Band("V", low, high, "band")]

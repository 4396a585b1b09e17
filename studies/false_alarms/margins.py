"""How far inside its limits a sound device lies, in U: a false alarm is one only where there is room.

The mean over the seeds stands for the true value: a seed draws the instruments anew and leaves the device alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean
from typing import Any

__all__ = ["ENOUGH", "Seen", "margins", "seen", "table"]

ENOUGH = 2.0
"""U between the true value and each limit."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One measured quantity: value and U in its unit, and its limits, infinite where there is none."""

    device: str
    what: str
    value: float
    U: float
    low: float
    high: float

    @property
    def measurand(self) -> str:
        return self.what.split(",")[0].split()[-1]


def seen(device: str, what: str, entry: dict[str, Any]) -> Seen | None:
    """What a verdict rests on; None where it does not rest on a number with its U."""
    value, u, limit = entry["measurement"]["value"], entry["U"], entry["limit"]
    if not isinstance(value, float) or not isinstance(u, float) or limit["must_not"]:
        return None
    low, high = (math.copysign(math.inf, sign) if limit[end] is None else limit[end] for end, sign in ENDS)
    return Seen(device, what, value, u, low, high)


ENDS = (("low", -1.0), ("high", 1.0))


def margins(found: Iterable[Seen]) -> dict[tuple[str, str], float]:
    """By device and quantity: distance of the mean value from the nearer limit, in mean U; negative outside."""
    groups: dict[tuple[str, str], list[Seen]] = {}
    for one in found:
        groups.setdefault((one.device, one.what), []).append(one)
    return {key: _margin(group) for key, group in groups.items()}


def _margin(group: list[Seen]) -> float:
    mean, u = fmean(one.value for one in group), fmean(one.U for one in group)
    # A limit may differ from seed to seed: that of a curve lies at the measured current.
    room = min(fmean(one.high for one in group) - mean, mean - fmean(one.low for one in group))
    return room / u if u > 0.0 else math.copysign(math.inf, room)


def table(found: list[Seen]) -> Iterator[str]:
    """How many lie `ENOUGH` inside, the least of each measurand, and every one that is nearer."""
    rooms = margins(found)
    near = {key: room for key, room in rooms.items() if room < ENOUGH}
    yield f"\nOf {len(rooms)} quantities that are numbers with a U, {len(rooms) - len(near)} lie at least {ENOUGH:g} U "
    yield "inside each of their limits, by the mean over the seeds.\n"
    least: dict[str, tuple[float, str]] = {}
    named = {(one.device, one.what): one.measurand for one in found}
    for (device, what), room in rooms.items():
        if room < least.get(named[device, what], (math.inf, ""))[0]:
            least[named[device, what]] = room, f"{device}, {what}"
    yield "\n| measurand | nearest to its limit, in U | where |\n|---|---|---|\n"
    for measurand, (room, where) in sorted(least.items()):
        yield f"| {measurand} | {room:.3g} | {where} |\n"
    for (device, what), room in sorted(near.items(), key=lambda item: item[1]):
        yield f"\nNearer than {ENOUGH:g} U: {device}, {what}: {room:.2g} U."

"""How the digitizer's channels are set for each kind of look at the device, from declared data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig.run.chain import unit_per_volt

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.files.device import Port

__all__ = ["ChannelSetting", "View", "view", "views"]

DIVISIONS = 8
HEADROOM = 1.2
"""Screen above the largest value that the device's declaration leads one to expect."""
OVERLOAD = 4.0
"""Largest overload, x rated current, that the overload view shows."""
VOLTAGE_SPAN = (-70.0, 70.0)
RECOVERY_SPAN = (-12.0, 64.0)
"""Closer look at the returning port: finer steps, and still 4 V above what must never be exceeded."""
GATE_SPAN = (-4.0, 14.0)
_LADDER = tuple(m * 10.0**e for e in range(-4, 2) for m in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class ChannelSetting:
    """One channel: number, volts per division and the voltage at the input in the middle of the screen."""

    channel: int
    volts_per_div: float
    centre: float


@dataclass(frozen=True, slots=True)
class View:
    """Channel settings by signal."""

    name: str
    settings: dict[str, ChannelSetting]


def views(bench: Bench, port: Port) -> dict[str, View]:
    """The views "short", "overload" (also for reversed sources) and "recovery" of one port."""
    peak = HEADROOM * port.protection.peak_current
    overload = HEADROOM * OVERLOAD * port.rated_current
    spans = {
        "short": ((-peak, peak), VOLTAGE_SPAN),
        "overload": ((-overload, overload), VOLTAGE_SPAN),
        "recovery": ((-overload, overload), RECOVERY_SPAN),
    }
    return {name: view(name, bench, current, voltage) for name, (current, voltage) in spans.items()}


def view(name: str, bench: Bench, current: tuple[float, float], voltage: tuple[float, float]) -> View:
    """Every fast channel set so that these currents, A, and voltages, V, are on the screen."""
    settings = {}
    for signal, entry in bench.signals.items():
        if entry.fast is None:
            continue
        factor, unit = unit_per_volt(bench.transducers[entry.fast.transducer])
        low, high = current if unit == "A" else GATE_SPAN if signal == "gate_voltage" else voltage
        low, high = low / factor, high / factor
        per_div = next((step for step in _LADDER if step * DIVISIONS >= (high - low) * (1 - 1e-9)), _LADDER[-1])
        settings[signal] = ChannelSetting(entry.fast.channel, per_div, round((low + high) / 2, 6))
    return View(name, settings)

"""Waveforms as inline SVG: voltages above, currents below, one time axis, with what the verdicts rest on."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from reports.decimate import decimated
from reports.markup import printable
from reports.overlays import Band, Level, Mark, Overlays
from reports.words import quantity, stated, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rig.record import Record, Trace

__all__ = ["COLOURS", "DRAWN_AS", "Window", "draw", "drawn", "whole", "zoom"]

COLOURS = {
    "port_voltage": "#1d4f91",
    "port_current": "#b4531a",
    "injector_current": "#3f7d5c",
    "gate_voltage": "#9aa1ab",
}
OTHER_COLOUR, LIMIT_COLOUR, MARK_COLOUR = "#6d5a8c", "#b3261e", "#3a4453"
_BAND_COLOURS = {"U": "#d9a21b", "band": "#2f8f5b"}
DRAWN_AS = {"mains_voltage": 0.1}
"""Of a signal that would press the others flat, the part that is drawn."""
_ASIDE = {"input_voltage": 1.0, "other_voltage": 1.0, "mains_voltage": 1.0, "ground_current": 0.01}
"""Signals that not every device or case has, and what they do not reach where it has none, V or A."""
_LEAST = {"V": (0.0, 5.0), "A": (-0.5, 0.5)}  # always in view: noise alone must not look like a signal
_SIZE = (9.6, 4.3)  # inches; the page scales it
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "nanogrid-rig",
    "text.parse_math": False,
    "font.size": 8.5,
    "axes.edgecolor": "#8b94a1",
    "axes.labelcolor": "#3a4453",
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": "#5b6572",
    "ytick.color": "#5b6572",
    "grid.color": "#e3e7ec",
    "grid.linewidth": 0.6,
    "lines.solid_joinstyle": "round",
}


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a record that is drawn, s on its own axis.

    `origin` is the instant called zero on the drawing, `origin_label` its name, "" for the zero of the record.
    """

    first: float
    last: float
    origin: float
    origin_label: str


def whole(record: Record, over: Overlays) -> Window:
    """All of a record; zero is t0, else the first instant of an event, else the zero of the record's own axis."""
    first = min(trace.start for trace in record.traces.values())
    last = max(trace.stop for trace in record.traces.values())
    events = [mark for unit in ("s", "A", "A2s") for mark in over.marks if mark.unit == unit]
    origin = next((mark for mark in events if mark.label == "t0"), events[0] if events else None)
    return Window(first, last, origin.t, origin.label) if origin else Window(first, last, 0.0, "")


def zoom(record: Record, over: Overlays) -> Window:
    """A window around the event with room on both sides; all of the record where no two instants bound an event.

    The ends of a time bound an event, where there are none the instants of currents. A voltage peak may lie anywhere.
    """
    full = whole(record, over)
    inside = [mark for mark in over.marks if full.first <= mark.t <= full.last and mark.unit != "V"]
    times = [mark.t for mark in inside if mark.unit == "s"]
    inside_t = times if len(set(times)) > 1 else [mark.t for mark in inside]
    if len(set(inside_t)) < 2:
        return full
    begin, end = inside_t[0], inside_t[-1]
    room = max(end - begin, 40 * max(trace.dt for trace in record.traces.values()))
    for level in over.levels:  # a time limit near the event belongs into the picture
        if level.unit == "s" and end < level.at <= end + 3 * room:
            end = level.at
    return Window(
        max(full.first, begin - 0.35 * room), min(full.last, end + 0.45 * room), full.origin, full.origin_label
    )


def drawn(record: Record) -> list[Trace]:
    """The traces that are worth a line: not those of what the device has not."""
    return [
        trace for trace in record.traces.values()
        if float(np.nanmax(np.abs(trace.read(slice(None))), initial=0.0)) >= _ASIDE.get(trace.signal, 0.0)
    ]  # fmt: skip


def draw(record: Record, over: Overlays, window: Window) -> str:
    """The `<svg>` of one record; text stays text. About 0.05 s."""
    from matplotlib import rc_context

    span = window.last - window.first
    exponent = min(0, max(-9, 3 * math.floor(math.log10(span) / 3 + 1e-9))) if span > 0 else 0
    shown = drawn(record)
    units = [unit for unit in ("V", "A") if any(trace.unit == unit for trace in shown)]
    with rc_context(_STYLE):  # type: ignore[arg-type]  # stubs want every key as a literal
        figure = _frame(len(units))
        panels = figure.axes
        for axes, unit in zip(panels, units, strict=True):
            traces = [trace for trace in shown if trace.unit == unit]
            _panel(axes, traces, over, window, 10.0**exponent)
        _mark_labels(panels[0], over.marks, window, 10.0**exponent)
        _time_limits(panels[0], over.levels, window, 10.0**exponent)
        since = f"time after {_label(window.origin_label)}" if window.origin_label else "time in the record"
        panels[-1].set_xlabel(f"{since} / {quantity(10.0**exponent, 's', digits=1)[2:]}")
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _inline(file.getvalue())


def _frame(panels: int) -> Figure:
    """The empty figure. One serves all drawings: making axes and ticks takes longer than drawing them."""
    figure = _new_frame(panels)
    for axes in figure.axes:
        for artist in [*axes.lines, *axes.patches, *axes.texts]:
            artist.remove()
    return figure


@cache
def _new_frame(panels: int) -> Figure:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_SIZE[0], _SIZE[1] if panels > 1 else 2.6))
    FigureCanvasSVG(figure)
    for axes in figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]:
        axes.grid(True)
        axes.tick_params(length=2.5, width=0.6)
    figure.subplots_adjust(left=0.055, right=0.99, top=0.9, bottom=0.11, hspace=0.12)
    return figure


def _panel(axes: Axes, traces: list[Trace], over: Overlays, window: Window, scale: float) -> None:
    unit = traces[0].unit
    low, high = _LEAST[unit]
    for trace in sorted(traces, key=lambda trace: trace.signal.startswith("port_")):  # what is judged, on top
        part = trace.slice((window.first, window.last))
        time, values = decimated(trace, part)
        if not len(values) or np.isnan(values).all():
            continue
        values = values * DRAWN_AS.get(trace.signal, 1.0)
        style: dict[str, Any] = {"linewidth": 0.8 if part.stop - part.start > 2000 else 1.1}
        style |= {"marker": "o", "markersize": 2.4} if len(values) <= 90 else {}
        colour = COLOURS.get(trace.signal, OTHER_COLOUR)
        axes.plot((time - window.origin) / scale, values, color=colour, zorder=3, **style)
        low, high = min(low, float(np.nanmin(values))), max(high, float(np.nanmax(values)))
    levels = [level for level in over.levels if level.unit == unit]
    low, high = _levels(axes, levels, low, high)
    room = 0.07 * ((high - low) or 1.0)
    for band in over.bands:
        _band(axes, band, unit, window, scale)
    for mark in over.marks:
        axes.axvline(
            (mark.t - window.origin) / scale, color=MARK_COLOUR, linewidth=0.7, linestyle=(0, (4, 3)), zorder=2
        )
    axes.set_xlim((window.first - window.origin) / scale, (window.last - window.origin) / scale)
    axes.set_ylim(low - room, high + room)
    axes.set_ylabel({"V": "voltage / V", "A": "current / A"}[unit])


def _levels(axes: Axes, levels: list[Level], low: float, high: float) -> tuple[float, float]:
    """Draw limits that are near the signal and say of the others where they are; returns the range to show."""
    reach = 1.2 * ((high - low) or 1.0)
    beyond = []
    for level in levels:
        label = f"{level.label} {stated(level.value, level.unit)}"
        if low - reach <= level.at <= high + reach:
            low, high = min(low, level.at), max(high, level.at)
            axes.axhline(level.at, color=LIMIT_COLOUR, linewidth=0.9, linestyle=(0, (6, 2, 1, 2)), zorder=2)
            axes.annotate(
                label, (1.0, level.at), (-2, 2.5), xycoords=("axes fraction", "data"), textcoords="offset points",
                ha="right", va="bottom", color=LIMIT_COLOUR, fontsize=7.5, zorder=5,
            )  # fmt: skip  # one argument a line says nothing more
        else:
            beyond.append(f"{label} {'↑' if level.at > high else '↓'}")
    if beyond:
        axes.annotate(
            "   ".join(beyond), (1.0, 1.0), (-2, -2), xycoords="axes fraction", textcoords="offset points",
            ha="right", va="top", color=LIMIT_COLOUR, fontsize=7.5, zorder=5,
        )  # fmt: skip  # as above
    return low, high


def _band(axes: Axes, band: Band, unit: str, window: Window, scale: float) -> None:
    colour, alpha = _BAND_COLOURS[band.kind], 0.32 if band.kind == "U" else 0.13
    if band.unit == "s":
        first, last = ((edge - window.origin) / scale for edge in (band.low, band.high))
        axes.axvspan(first, last, facecolor=colour, alpha=alpha, linewidth=0, zorder=1)
    elif band.unit == unit:
        axes.axhspan(band.low, band.high, facecolor=colour, alpha=alpha, linewidth=0, zorder=1)


def _mark_labels(axes: Axes, marks: tuple[Mark, ...], window: Window, scale: float) -> None:
    """Labels above the upper panel, on another row where they would touch."""
    span = window.last - window.first
    ends = [-math.inf] * 3
    for mark in marks:
        if not window.first <= mark.t <= window.last:
            continue
        place, width = (mark.t - window.first) / span, 0.009 * len(mark.label)
        side = "right" if place + width / 2 > 1 else "left" if place < width / 2 else "center"
        begin = place - {"right": width, "left": 0.0, "center": width / 2}[side]
        row = next((row for row, end in enumerate(ends) if begin > end), len(ends) - 1)
        ends[row] = begin + width
        axes.annotate(
            _label(mark.label), ((mark.t - window.origin) / scale, 1.0), (0, 3 + 9 * row), ha=side, va="bottom",
            xycoords=("data", "axes fraction"), textcoords="offset points", color=MARK_COLOUR, fontsize=7.8,
        )  # fmt: skip  # as above


def _time_limits(axes: Axes, levels: tuple[Level, ...], window: Window, scale: float) -> None:
    for level in levels:
        if level.unit != "s":
            continue
        label = f"{level.label} {stated(level.value, 's')}"
        if level.at <= window.last:
            for panel in axes.figure.axes:
                panel.axvline(
                    (level.at - window.origin) / scale, color=LIMIT_COLOUR, linewidth=0.9, linestyle=(0, (6, 2, 1, 2))
                )
        place = min((level.at - window.origin) / scale, axes.get_xlim()[1])
        axes.annotate(
            label if level.at <= window.last else f"{label} →", (place, 0.5), (-3, 0), ha="right", va="center",
            xycoords=("data", "axes fraction"), textcoords="offset points", color=LIMIT_COLOUR, fontsize=7.5,
            zorder=5, bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 1.0},
        )  # fmt: skip  # as above


def _label(label: str) -> str:
    return printable(words(label))


def _inline(svg: str) -> str:
    """The `<svg>` element alone, scaled by the page, short coordinates, no ids that a second figure repeats."""
    element = svg[svg.index("<svg") :]
    element = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", element, count=1)
    element = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", element, count=1)
    element = re.sub(r"<metadata>.*?</metadata>\s*", "", element, flags=re.DOTALL)
    element = re.sub(r'<g id="[a-z0-9A-Z_.]+">', "<g>", element)
    return re.sub(r' d="[^"]*"', lambda path: re.sub(r"(?<=\.\d\d)\d+", "", path.group()).replace("\n", ""), element)

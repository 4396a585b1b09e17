"""The figures of one case: which records, which part of them, with caption and legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reports.markup import Html, raw, tag
from reports.overlays import Overlays, overlays
from reports.waveform import COLOURS, DRAWN_AS, OTHER_COLOUR, Window, draw, drawn, whole, zoom
from reports.words import stated, words
from rig.record import BrokenRun

if TYPE_CHECKING:
    from rig.record import Record, Run, Trace

__all__ = ["Figures", "figures"]

_ORDER = ("fault", "recovery", "slow")
_TITLES = {
    "fault": "Fault record of the digitizer",
    "recovery": "Recovery record of the digitizer",
    "slow": "Slow record over the whole case",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a case, and sentences about captures that could not be shown."""

    html: tuple[Html, ...]
    problems: tuple[str, ...]


def figures(run: Run, verdicts: Sequence[Mapping[str, Any]]) -> Figures:
    """One figure a record, a second one where the zoomed part does not show all that was judged."""
    html: list[Html] = []
    problems: list[str] = []
    for name, relative in _captures(verdicts):
        try:
            record = run.capture(relative)
        except BrokenRun as error:
            problems.append(str(error))
            html.append(tag("p", str(error), class_="problem"))
            continue
        html += _record(name, relative, record, overlays(name, verdicts))
    return Figures(tuple(html), tuple(problems))


def _captures(verdicts: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """(record, file) of all captures that the verdicts name, each file once, in the order of the event."""
    named = {
        str(relative): str(name)
        for verdict in verdicts
        for name, relative in (verdict.get("captures") or {}).items()
        if relative
    }
    rank = {name: place for place, name in enumerate(_ORDER)}
    return sorted(((name, relative) for relative, name in named.items()), key=lambda item: rank.get(item[0], len(rank)))


def _record(name: str, relative: str, record: Record, over: Overlays) -> list[Html]:
    title = _TITLES.get(name, f"Record {words(name)}")
    shown = [trace for trace in record.traces.values() if trace.unit in ("V", "A") and len(trace.codes) > 1]
    if not record.triggered or not shown:
        why = "holds no samples" if record.triggered else "was armed but saw no event: its samples prove nothing"
        return [tag("p", f"{title}: it {why} (", _link(relative), ").", class_="problem")]
    near, full = zoom(record, over), whole(record, over)
    missed = [
        mark for mark in over.marks if (not mark.clear or mark.unit == "A") and not near.first <= mark.t <= near.last
    ]
    views = [(title if near == full else f"{title}, around the event", near)]
    if (missed or over.unended) and near != full:
        views.append((f"{title}, all of it", full))
    return [_figure(label, relative, record, over, window) for label, window in views]


def _figure(title: str, relative: str, record: Record, over: Overlays, window: Window) -> Html:
    signals = [(_named(trace), COLOURS.get(trace.signal, OTHER_COLOUR)) for trace in drawn(record)]
    keys = [_key(label, "line", colour) for label, colour in signals]
    if over.marks:
        keys.append(_key("measured instant", "mark"))
    if over.levels:
        keys.append(_key("limit", "limit"))
    if any(band.kind == "U" for band in over.bands):
        keys.append(_key("± U", "spread"))
    if any(band.kind == "band" for band in over.bands):
        keys.append(_key("band to return to", "band"))
    first = next(iter(record.traces.values()))
    about = f"{stated(float(f'{1 / first.dt:.4g}'), 'S/s')}, {len(first.codes)} samples"
    source = f"{words(record.source)}, " if record.source else ""
    caption = tag("figcaption", tag("b", title), tag("span", f"{source}{about}, ", _link(relative), class_="quiet"))
    return tag("figure", caption, tag("div", *keys, class_="keys"), raw(draw(record, over, window)))


def _named(trace: Trace) -> str:
    part = DRAWN_AS.get(trace.signal)
    return words(trace.signal) if part is None else f"{words(trace.signal)}, {part:g} of it"


def _key(label: str, kind: str, colour: str | None = None) -> Html:
    return tag("span", tag("i", class_=kind, style=f"--c:{colour}" if colour else None), label)


def _link(relative: str) -> Html:
    return tag("a", relative, href=quote(relative, safe="/"))

"""Recorded facts of any shape as tables: what the session wrote down is shown as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.markup import Html, join, tag
from reports.words import NOT_RECORDED, stated, words

__all__ = ["definitions", "heading", "look_up", "show"]

# Names of plain numbers whose unit is not in the name.
_UNITS = {
    "peak_current": "A",
    "prospective_peak": "A",
    "prospective_steady": "A",
    "steady_current": "A",
    "current": "A",
    "voltage": "V",
    "energy": "J",
    "stored_energy": "J",
    "i2t": "A2s",
    "time_constant": "s",
    "hold": "s",
    "resistance": "ohm",
    "loop_resistance": "ohm",
}
_SUFFIXES = {"_s": "s", "_v": "V", "_a": "A", "_j": "J", "_ohm": "ohm", "_hz": "Hz", "_w": "W", "_V": "V", "_A": "A"}


def definitions(facts: Sequence[tuple[str, object]]) -> Html:
    """A description list; what is missing says so."""
    pairs = (
        tag("div", tag("dt", name), tag("dd", NOT_RECORDED if value in (None, "") else value)) for name, value in facts
    )
    return tag("dl", *pairs, class_="facts")


def look_up(data: object, *path: str) -> Any:
    """What lies at `path` in nested mappings, None where there is nothing or the way is blocked."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def show(value: object, name: str = "") -> Html:
    """Any plain value: mappings of alike mappings and lists of mappings as tables, the rest as lists and text."""
    if isinstance(value, Mapping):
        if value and all(isinstance(item, Mapping) for item in value.values()):
            return _table([{"": words(key), **item} for key, item in value.items()])
        rows = [
            tag("tr", tag("th", heading(str(key)), scope="row"), tag("td", show(item, str(key))))
            for key, item in value.items()
        ]
        return tag("table", tag("tbody", *rows), class_="pairs")
    if isinstance(value, Sequence) and not isinstance(value, str):
        if value and all(isinstance(item, Mapping) for item in value):
            return _table(list(value))
        return join([show(item, name) for item in value], ", ")
    return _scalar(value, name)


def _table(rows: Sequence[Mapping[str, object]]) -> Html:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    head = tag("thead", tag("tr", *(tag("th", heading(str(column)), scope="col") for column in columns)))
    body = [tag("tr", *(tag("td", show(row.get(column, ""), str(column))) for column in columns)) for row in rows]
    return tag("div", tag("table", head, tag("tbody", *body), class_="grid"), class_="wide")


def heading(name: str) -> str:
    """A name as words, without the unit that its number is shown with."""
    end = next((end for end in _SUFFIXES if name.endswith(end)), "")
    return words(name.removesuffix(end))


def _scalar(value: object, name: str) -> Html:
    if value is None:
        return tag("span", NOT_RECORDED, class_="quiet")
    if isinstance(value, bool):
        return join(["yes" if value else "no"])
    if isinstance(value, int | float):
        unit = _UNITS.get(name) or next((unit for end, unit in _SUFFIXES.items() if name.endswith(end)), "")
        return join([stated(float(f"{value:.4g}"), unit) if unit else f"{value:.6g}"])
    return join([value])

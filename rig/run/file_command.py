"""What `rig measure` was asked for, checked whole, carried out, and shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from rig.files import document
from rig.files.device import Device
from rig.files.document import BadFile, Mistake
from rig.files.limits import Limits
from rig.files.quantity import QuantityError, format_quantity, parse
from rig.files.request import Request
from rig.record import decision_to_dict, measurement_to_dict, uncertainty_to_dict
from rig.run.exit_code import PASSED
from rig.run.measure_file import UNJUDGED, Answer, answers, exit_of
from rig.run.progress import printable, value_text
from rig.waveforms import export, read_waveform

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from rig.files.device import Port
    from rig.measure import Record, Span

__all__ = ["Wanted", "carry_out"]

_COLUMNS = (
    "signal", "samples", "interval", "from", "to", "lowest", "highest", "step", "lost", "clipped", "accuracy",
)  # fmt: skip
EVERYTHING = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files that were named, read; nothing of the capture yet."""

    file: Path
    request: Request | None
    limits: Limits | None
    port: Port | None
    export: Path | None
    span: Span | None

    @classmethod
    def checked(
        cls, file: str, request: str | None, limits: str | None, device: str | None, export: str | None,
        span: tuple[str | None, str | None],
    ) -> Wanted:  # fmt: skip
        """Raises BadFile: all mistakes of all files and options at once."""
        mistakes: list[Mistake] = []
        found: dict[str, Any] = {}
        readers: tuple[tuple[str, str | None, Callable[[str], Any]], ...] = (
            ("request", request, lambda name: document.load(name, Request)),
            ("limits", limits, lambda name: document.load(document.resolve("limits", name), Limits)),
            ("device", device, lambda name: document.load(document.resolve("devices", name), Device)),
        )
        for kind, name, read in readers:
            try:
                found[kind] = None if name is None else read(name)
            except BadFile as bad:
                mistakes += bad.mistakes
        ends = []
        for option, text, default in zip(("--from", "--to"), span, EVERYTHING, strict=True):
            try:
                ends.append(default if text is None else parse(text, "s"))
            except QuantityError as error:
                mistakes.append(Mistake("command line", 0, 0, option, str(error)))
        if export is None and span != (None, None):
            mistakes.append(Mistake("command line", 0, 0, "--from, --to", "belong to --export"))
        if mistakes:
            raise BadFile(mistakes)
        port = None if found["device"] is None else found["device"].port
        out = None if export is None else Path(export)
        return cls(Path(file), found["request"], found["limits"], port, out, (ends[0], ends[1]))


def carry_out(wanted: Wanted, *, budget: bool) -> tuple[int, dict[str, Any], Callable[[Console], None]]:
    """(exit code, JSON document, how to show it). Raises BadWaveform."""
    record = read_waveform(wanted.file)
    if wanted.export is not None:
        written = export(record, wanted.export, wanted.span)
        names = ", ".join(str(path) for path in written)
        return PASSED, {"written": [str(path) for path in written]}, lambda console: console.print(f"Written: {names}")
    if wanted.request is None:
        about = _described(record)
        return PASSED, {"file": str(wanted.file), **about}, lambda console: _show_file(wanted.file, about, console)
    found = answers(record, wanted.request, str(wanted.file), wanted.limits, wanted.port)
    told = {"file": str(wanted.file), "request": wanted.request.name, "results": [_as_json(one) for one in found]}
    return exit_of(found), told, lambda console: _show_answers(found, console, budget=budget)


def _described(record: Record) -> dict[str, Any]:
    signals = []
    for name, trace in record.traces.items():
        values = trace.values
        finite = values[values == values]  # noqa: PLR0124  NaN is not itself
        signals.append(
            {
                "signal": name, "unit": trace.unit, "samples": int(trace.codes.size), "dt_s": trace.dt,
                "from_s": trace.start, "to_s": trace.stop, "lost": int(values.size - finite.size),
                "clipped": int(trace.clipped().sum()), "lowest": float(finite.min()) if finite.size else None,
                "highest": float(finite.max()) if finite.size else None, "step": trace.resolution,
                "accuracy": "stated" if trace.accuracy is not None else "not stated",
            }
        )  # fmt: skip
    return {"record": record.name, "source": record.source, "triggered": record.triggered, "signals": signals}


def _show_file(file: Path, about: dict[str, Any], console: Console) -> None:
    console.print(_text(f"{file}: record {about['record']} of {about['source'] or 'unknown source'}"), soft_wrap=True)
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in {"signal", "accuracy"} else "right")
    for one in about["signals"]:
        times = [format_quantity(one[key], "s") for key in ("dt_s", "from_s", "to_s")]
        ends = (one["lowest"], one["highest"], one["step"])
        values = ["-" if value is None else format_quantity(value, one["unit"]) for value in ends]
        counts = [str(one["lost"]), str(one["clipped"])]
        table.add_row(_text(one["signal"]), str(one["samples"]), *times, *values, *counts, one["accuracy"])
    console.print(table)
    console.print("To measure, write a request (docs/measure-a-file.md) and give it as --request.")


def _show_answers(found: list[Answer], console: Console, *, budget: bool) -> None:
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("measurement", "value", "k", "limit", "limit is", "verdict", "flags"):
        table.add_column(name, overflow="fold")
    for one in found:
        m = one.measurement
        k = "" if m.budget is None or m.value is None else f"{m.budget.k:.2f}"
        verdict = one.decision.verdict if one.decision is not None else "-"
        table.add_row(
            _text(m.measurand.replace("_", " ")), value_text(m), k, _text(one.limit), one.status, verdict,
            _text(", ".join(m.flags)),
        )  # fmt: skip
    console.print(table)
    for one in found:
        said, name = one.problem or (one.decision.reason if one.decision is not None else ""), one.measurement.measurand
        if said:
            console.print(_text(f"{name}: {said.removeprefix(f'{name}: ')}"), soft_wrap=True)
        if budget and one.measurement.budget is not None:
            _show_budget(one, console)


def _show_budget(one: Answer, console: Console) -> None:
    m = one.measurement
    assert m.budget is not None
    table = Table(title=f"{m.measurand} by {m.budget.method}", show_edge=False, pad_edge=False, header_style="bold")
    for name in ("line", "type", "distribution", "contribution", "share", "source"):
        table.add_column(name, justify="right" if name in {"contribution", "share"} else "left", overflow="fold")
    for line in m.budget.as_table():
        contribution = format_quantity(float(line["contribution"]), m.unit, digits=3)
        table.add_row(
            _text(str(line["name"])), str(line["kind"]), str(line["distribution"]), contribution,
            f"{100 * float(line['share']):.1f} %", _text(str(line["source"])),
        )  # fmt: skip
    console.print(table)


def _as_json(one: Answer) -> dict[str, Any]:
    return {
        **measurement_to_dict(one.measurement), **uncertainty_to_dict(one.measurement.budget),
        "decision": None if one.decision is None else decision_to_dict(one.decision),
        "limit": None if one.limit in {"", UNJUDGED} else one.limit, "limit_status": one.status or None,
        "limit_source": one.source or None, "problem": one.problem or None,
    }  # fmt: skip


def _text(text: str) -> Text:
    """Text of files is text, never markup or an escape."""
    return Text(printable(text))

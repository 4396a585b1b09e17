"""What `rig measure` was asked for, checked whole, carried out, and shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table
from rich.text import Text

from rig.files import document
from rig.files.device import Device
from rig.files.document import BadFile, Mistake
from rig.files.limits import Limits, read_limits
from rig.files.quantity import QuantityError, format_quantity, parse
from rig.files.request import Request
from rig.record import RecordError, decision_to_dict, measurement_to_dict, uncertainty_to_dict
from rig.record.files import write_whole
from rig.run.exit_code import PASSED
from rig.run.measure_file import UNJUDGED, Answer, answers, exit_of
from rig.run.progress import printable, value_text
from rig.waveforms import export, read_waveform, tells_its_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from rig.files.device import Port
    from rig.measure import Record, Span, Trace

__all__ = ["Wanted", "carry_out"]

_COLUMNS = (
    "signal", "samples", "interval", "from", "to", "lowest", "highest", "step", "lost", "clipped", "accuracy",
)  # fmt: skip
HOW = """To measure, write a request and give it as --request R.yaml (all of it: docs/measure-a-file.md), such as

schema: 1
name: what this is
signals:
  port_current:
    column: CH1
    transducer: {kind: shunt, resistance: 5 mohm, tolerance: 0.1 %, inductance: 0.5 nH, bandwidth: 50 MHz}
    accuracy: {gain: 2 %, offset: 2 mV, skew: 2 ns, time_base: 25 ppm, source: data sheet of the scope}
measure:
  - {measurand: level, signal: port_current, window: [0 us, 10 us]}
"""
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
    asked_in: str
    out: Path | None

    @classmethod
    def checked(
        cls, file: str, request: str | None, limits: str | None, device: str | None, export: str | None,
        span: tuple[str | None, str | None], *, budget: bool = False, out: str | None = None,
    ) -> Wanted:  # fmt: skip
        """Raises BadFile: all mistakes of all files and options at once."""
        mistakes: list[Mistake] = []
        found: dict[str, Any] = {}
        readers: tuple[tuple[str, str | None, Callable[[str], Any]], ...] = (
            ("request", request, lambda name: document.load(name, Request)),
            ("limits", limits, lambda name: read_limits(name)[1]),
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
        named = {"--limits": limits, "--device": device, "--budget": budget or None, "--out": out}
        given = [option for option, value in named.items() if value is not None]
        asked = found.get("request")
        if export is None and span != (None, None):
            mistakes.append(Mistake("command line", 0, 0, "--from, --to", "belong to --export"))
        if export is not None and request is not None:
            mistakes.append(Mistake("command line", 0, 0, "--export", "writes the file as it is; leave out --request"))
        elif request is None and given:
            mistakes.append(Mistake("command line", 0, 0, ", ".join(given), "needs --request"))
        elif (limits or device) and asked is not None and not any(row.clause for row in asked.measure):
            which = "--limits" if limits else "--device"
            mistakes.append(Mistake("command line", 0, 0, which, f"no measurand of {request} names a clause"))
        if mistakes:
            raise BadFile(mistakes)
        port = None if found["device"] is None else found["device"].port
        return cls(
            Path(file), found["request"], found["limits"], port, None if export is None else Path(export),
            (ends[0], ends[1]), request or "", None if out is None else Path(out),
        )  # fmt: skip


def carry_out(wanted: Wanted, *, budget: bool) -> tuple[int, dict[str, Any], Callable[[Console], None]]:
    """(exit code, JSON document, how to show it). Raises BadWaveform, and BadFile: a request that does not fit."""
    record = read_waveform(wanted.file)
    if wanted.export is not None:
        written = export(record, wanted.export, wanted.span)
        names = ", ".join(str(path) for path in written)
        return (
            PASSED,
            {"written": [str(path) for path in written]},
            lambda console: _say(console, f"Written: {names}"),
        )
    about = {"schema": 1, "file": str(wanted.file), "sha256": sha256(wanted.file.read_bytes()).hexdigest()}
    if wanted.request is None:
        held = _described(record)
        return PASSED, {**about, **held}, lambda console: _show_file(wanted.file, held, console)
    found = answers(record, wanted.request, str(wanted.file), wanted.asked_in, wanted.limits, wanted.port)
    asked = {"request": wanted.request.name, "request_sha256": sha256(Path(wanted.asked_in).read_bytes()).hexdigest()}
    told, code = {**about, **asked, "results": [_as_json(one) for one in found]}, exit_of(found)
    if wanted.out is not None:
        _keep(wanted.out, {"exit": code, **told})
    return code, told, lambda console: _show_answers(found, console, budget=budget)


def _keep(out: Path, document: dict[str, Any]) -> None:
    """The document of `--json` as measure.json in a new or empty folder. Raises BadFile."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise BadFile([Mistake("command line", 0, 0, "--out", f"{out} is not empty; name a new folder")])
        text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
        write_whole(out / "measure.json", f"{text}\n".encode())
    except (OSError, RecordError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadFile([Mistake("command line", 0, 0, "--out", f"{out} cannot be written: {why}")]) from None


def _described(record: Record) -> dict[str, Any]:
    signals = []
    for name, trace in record.traces.items():
        values = trace.values
        finite = values[np.isfinite(values)]
        ends = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
        signals.append(
            {
                "signal": name, "unit": trace.unit, "samples": int(trace.codes.size), "dt_s": trace.dt,
                "from_s": trace.start, "to_s": trace.stop, "lost": int(values.size - finite.size),
                "clipped": int(trace.clipped().sum()) if _has_edges(trace) else None,
                "lowest": ends[0], "highest": ends[1], "step": trace.resolution if tells_its_step(trace) else None,
                "accuracy": "stated" if trace.accuracy is not None else "not stated",
            }
        )  # fmt: skip
    return {"record": record.name, "source": record.source, "triggered": record.triggered, "signals": signals}


def _has_edges(trace: Trace) -> bool:
    """False where nobody has said at which values the channel saturates."""
    return bool(np.isfinite([trace.code_min, trace.code_max]).all())


def _show_file(file: Path, about: dict[str, Any], console: Console) -> None:
    console.print(_text(f"{file}: record {about['record']} of {about['source'] or 'unknown source'}"), soft_wrap=True)
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in {"signal", "accuracy"} else "right")
    for one in about["signals"]:
        times = [format_quantity(one[key], "s") for key in ("dt_s", "from_s", "to_s")]
        ends = (one["lowest"], one["highest"], one["step"])
        values = ["-" if value is None else format_quantity(value, one["unit"]) for value in ends]
        counts = [str(one["lost"]), "not stated" if one["clipped"] is None else str(one["clipped"])]
        table.add_row(_text(one["signal"]), str(one["samples"]), *times, *values, *counts, one["accuracy"])
    console.print(table)
    _say(console, HOW.replace("CH1", about["signals"][0]["signal"]) if about["signals"] else HOW)


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


def _say(console: Console, text: str) -> None:
    console.print(_text(text), soft_wrap=True)


def _text(text: str) -> Text:
    """Text of files is text, never markup or an escape."""
    return Text(printable(text))

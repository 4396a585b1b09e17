"""`rig plan`: what a plan would do, from declared data alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from rig.faults import NoTap, SecondReturn, prospective, relay_operations, route
from rig.files.quantity import format_duration, format_quantity
from rig.run.climate import to_move_s
from rig.run.decidable import Reach, conflicts, reaches
from rig.run.needs import counter_refusals, fitted, impossible, left_out, load_refusals
from rig.run.progress import limit_text, printable
from rig.run.wired import topology_refusals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from rig.run.planned import Planned
    from rig.run.profiles import Choice
    from rig.run.setup import Setup

__all__ = ["Row", "preview", "print_choices", "print_preview"]

NAMED = 3
"""Cases that are not for the device, of which each is told."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case before it is carried out. SI units; None where nothing could be computed."""

    case: str
    title: str
    label: str
    clause: str
    why: str
    peak_current: float | None
    steady_current: float | None
    energy: float | None
    i2t: float | None
    path: str
    relay_operations: int
    seconds: float
    problem: str
    limits: tuple[dict[str, object], ...] = ()
    """Limits that apply: U needed and the best U of this bench, SI; what would help."""
    degc: float | None = None
    """The climate that it wants; None for the room."""
    undecided: tuple[str, ...] = ()
    """Why a measurement of the case will be given no verdict, whatever comes out."""


def preview(setup: Setup, plan: list[Planned]) -> list[Row]:
    """Prospective current, energy, relay operations and duration of every case; what keeps a case from being done."""
    return [_row(setup, planned) for planned in plan]


def _row(setup: Setup, planned: Planned) -> Row:
    bench = setup.bench
    case = fitted(planned.case, bench, setup.device.port)
    problem = impossible(case, bench, setup.device, setup.options.serial)
    seconds = case.longest_s(setup.device.port)
    try:
        expected = prospective(case.fault, case.base, case.hold_s, setup.device.port, bench, setup.device)
    except NoTap as none:
        return Row(
            planned.key,
            planned.title,
            case.label,
            case.clause,
            planned.why,
            None,
            None,
            None,
            None,
            "",
            0,
            seconds,
            str(none),
            degc=case.degc,
        )
    refusals = (
        *expected.refusals,
        *load_refusals(case, bench, setup.device.port),
        *counter_refusals(case, setup.device.port),
        *topology_refusals(case, expected.tap, bench, setup.device),
    )
    operations = relay_operations(bench, route(case.fault, setup.device), expected.tap)
    return Row(
        planned.key, planned.title, case.label, case.clause, planned.why, expected.peak_current,
        expected.steady_current, expected.energy, expected.i2t, expected.path,
        operations + 2 * isinstance(case.fault, SecondReturn), seconds, problem or "; ".join(refusals),
        limits=tuple(_told(reach) for reach in reaches(setup, planned, expected)),
        undecided=tuple(conflicts(setup, planned, expected)), degc=case.degc,
    )  # fmt: skip


def _told(reach: Reach) -> dict[str, object]:
    return {
        "clause": reach.limit.clause, "measurand": reach.limit.measurand, "unit": reach.limit.unit,
        "limit": limit_text(reach.limit),
        "U_needed": reach.needed, "U_best": reach.best, "decidable": reach.decidable, "largest": reach.largest,
        "would_help": reach.helps,
    }  # fmt: skip


def print_preview(setup: Setup, rows: list[Row], console: Console, plan: Iterable[Planned] = ()) -> None:
    """The plan as a table for people, and what of the whole `plan` is not for the device."""
    names = f"Bench {setup.bench.name}, device {setup.device.name}"
    console.print(_text(f"{names}; from declared data, nothing was opened."), soft_wrap=True)
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("clause", "case", "prospective peak", "then", "energy", "relay operations", "at most"):
        table.add_column(name, justify="left" if name in {"clause", "case"} else "right", overflow="fold")
    for row in rows:
        peak, then, energy = (
            "-" if value is None else format_quantity(value, unit)
            for value, unit in ((row.peak_current, "A"), (row.steady_current, "A"), (row.energy, "J"))
        )
        table.add_row(
            _text(row.clause),
            _text(row.label),
            peak,
            then,
            energy,
            str(row.relay_operations),
            format_duration(row.seconds),
        )
    console.print(table)
    for row in rows:
        if row.problem:
            console.print(_text(f"NOT_TESTED  {row.title}: {row.problem}"), soft_wrap=True)
        for why in row.undecided:
            console.print(_text(f"INCONCLUSIVE  {row.title}: {why}"), soft_wrap=True)
    total = sum(row.seconds for row in rows)
    count = sum(row.relay_operations for row in rows)
    _print_limits(rows, console)
    climates = [row.degc for row in rows if row.degc is not None]
    moves = sum(one != before for one, before in zip(climates, [None, *climates], strict=False))
    and_moves = ""
    if moves and setup.bench.chamber is not None:
        and_moves = f", and {moves} changes of climate of up to {format_duration(to_move_s(setup.bench.chamber))} each"
    lasts = f"at most {format_duration(total)} of bench time{and_moves}"
    console.print(f"{len(rows)} cases, {count} relay operations, {lasts}.", soft_wrap=True)
    _print_left_out(left_out(plan, setup.device, setup.options.only) if plan else [], console)


def _print_left_out(unfit: list[tuple[Planned, str]], console: Console) -> None:
    """Of many the first few."""
    for planned, why in unfit[:NAMED]:
        console.print(_text(f"Left out  {planned.title}: {why}"), soft_wrap=True)
    more = len(unfit) - NAMED
    if more > 0:
        console.print(_text(f"and {more} more that are not for this device; `rig coverage` tells why"), soft_wrap=True)


def print_choices(told: list[Choice], console: Console) -> None:
    """Which cases a profile or a budget takes, the most wanted first, and what it leaves out."""
    if not told:
        return
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("", "case", "at most", "together", "why"):
        table.add_column(name, justify="right" if name in {"at most", "together"} else "left", overflow="fold")
    together = 0.0
    for one in told:
        together += one.seconds if one.taken else 0.0
        until = format_duration(together) if one.taken else ""
        word = "in" if one.taken else "out"
        table.add_row(word, _text(one.planned.key), format_duration(one.seconds), until, _text(one.why))
    console.print()
    console.print(table)
    kept = sum(one.taken for one in told)
    console.print(f"{kept} of {len(told)} cases, at most {format_duration(together)} of bench time.")


def _print_limits(rows: list[Row], console: Console) -> None:
    """Each limit once: can this bench decide it?"""
    found = list({tuple(one.values()): one for row in rows for one in row.limits}.values())
    if not found:
        return
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    for name in ("clause", "measurement", "limit", "U needed", "U at best", "decidable", "largest part", "would help"):
        table.add_column(name, justify="right" if name.startswith("U ") else "left", overflow="fold")
    words = {True: "yes", False: "NO", None: "not known"}
    for one in found:
        needed, best = (
            "-" if not isinstance(value, float) else format_quantity(value, str(one["unit"]), digits=2)
            for value in (one["U_needed"], one["U_best"])
        )
        table.add_row(
            str(one["clause"]), str(one["measurand"]).replace("_", " "), _text(str(one["limit"])), needed, best,
            words[one["decidable"]], _text(str(one["largest"])), _text(str(one["would_help"])),  # type: ignore[index]
        )  # fmt: skip
    console.print()
    console.print(table)
    console.print("U at best: as declared, without noise, slow edges or drift of the device.", soft_wrap=True)


def _text(text: str) -> Text:
    """Text of files is text, never markup or an escape."""
    return Text(printable(text))

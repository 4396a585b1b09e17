"""What a person sees while a plan runs and when it has ended; plain lines without a terminal, NO_COLOR honoured."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rig.files.quantity import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from rig.measure import Measurement
    from rig.run.planned import Planned
    from rig.standard import Limit

__all__ = ["Progress", "limit_text", "new_console", "outlet", "printable", "value_text"]

_STYLE = {
    "PASS": "green",
    "CONDITIONAL_PASS": "yellow",
    "CONDITIONAL_FAIL": "red",
    "FAIL": "bold red",
    "INCONCLUSIVE": "magenta",
    "NOT_TESTED": "dim",
}


def value_text(measurement: Measurement) -> str:
    """Value and expanded uncertainty as printed; a missing value is a word, never a number."""
    unit = measurement.unit
    if measurement.value is None:
        window = f" in {format_quantity(measurement.window, 's')}" if measurement.window else ""
        return f"{measurement.outcome}{window}"
    sign = {"lower": "≥ ", "upper": "≤ "}.get(measurement.bound or "", "")
    text = f"{sign}{format_quantity(measurement.value, unit)}"
    held = measurement.inputs.get("limited_current")
    if measurement.outcome == "Limited" and isinstance(held, float):
        text = f"Limited to {format_quantity(held, 'A', digits=3)} after {text}"
    if measurement.budget is not None:
        text += f" ± {format_quantity(measurement.budget.U, unit, digits=2)}"
    return text


def limit_text(limit: Limit) -> str:
    """The limit as printed."""
    unit = limit.unit
    if limit.must_not:
        return f"not within {format_quantity(limit.window, 's')}" if limit.window else "never"
    low = "" if limit.low is None else f"{format_quantity(limit.low, unit)} ≤ "
    high = "" if limit.high is None else f" ≤ {format_quantity(limit.high, unit)}"
    return f"{low}y{high}" if low else high.strip()


PLAIN_WIDTH = 160
EXIT_WORDS = {
    0: "Every planned case PASS",
    1: "The device violates a limit",
    2: "Bad input",
    3: "The bench ended the run",
    4: "Not everything was decided",
}


def new_console(file: TextIO | None = None) -> Console:
    """A console on `file` (stdout by default); where there is no terminal, lines are long rather than folded."""
    file = file or sys.stdout
    wide = None if file.isatty() else PLAIN_WIDTH
    return Console(file=file, highlight=False, width=wide)


class Progress:
    """Lines while the plan runs and one table at the end."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or new_console()
        self._status = self._console.status("") if self._console.is_terminal else None

    def doing(self, text: str) -> None:
        """What is going on now; on a terminal one live line, else a line of its own."""
        if self._status is not None:
            self._status.update(Text(printable(text)))
            self._status.start()
        else:
            self.say(text)

    def quiet(self) -> None:
        """The live line goes away."""
        if self._status is not None:
            self._status.stop()

    def say(self, text: str, style: str = "") -> None:
        """One line that stays. Device strings are printed as text, never as markup."""
        self._console.print(Text(printable(text), style=style), soft_wrap=True)

    def case_ended(self, title: str, verdict: str) -> None:
        """One line a case."""
        line = Text(f"{verdict:<17}", style=_STYLE.get(verdict, "")).append(printable(title), style="default")
        self._console.print(line, soft_wrap=True)

    def summary(self, planned: Iterable[Planned], problem: str, doubts: Sequence[str] = ()) -> None:
        """Every judged measurement, what was not tested and why, what the bench did wrong, why nothing repeats it."""
        table = Table(show_edge=False, pad_edge=False, header_style="bold")
        for name in ("clause", "case", "measurement", "value", "limit", "limit is", "verdict"):
            table.add_column(name, overflow="fold")
        for one in planned:
            for judged in one.judged:
                verdict = judged.decision.verdict
                table.add_row(
                    *(
                        Text(printable(text))
                        for text in (
                            judged.clause, one.case.label, judged.measurement.measurand.replace("_", " "),
                            value_text(judged.measurement), limit_text(judged.limit), judged.limit.status,
                        )
                    ),
                    Text(verdict, style=_STYLE.get(verdict, "")),
                )  # fmt: skip
        if table.row_count:
            self._console.print(table)
        for one in planned:
            if one.state == "carried over":
                self.say(f"{one.verdict:<17}{one.title}: {one.reason}", style=_STYLE.get(one.verdict, ""))
            elif one.verdict == "NOT_TESTED":
                self.say(f"NOT_TESTED       {one.title}: {one.reason}", style=_STYLE["NOT_TESTED"])
        if doubts:
            self.say(f"Not deterministic, an equal run may differ: {'; '.join(doubts)}.", style="yellow")
        if problem:
            self.say(f"The bench: {problem}", style="bold red")

    def ended(self, place: Path, code: int, *, development: bool) -> None:
        """Where the report is, or the run's folder without one, and the exit code in words."""
        if development:
            self.say("Development run: not for a customer; the report says why.", style="yellow")
        self.say(f"{EXIT_WORDS[code]} (exit {code}). {'Run' if place.is_dir() else 'Report'}: {place}")


class _Outlet(io.TextIOWrapper):
    """A terminal or pipe that goes away ends the talking, never the run."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()

    def close(self) -> None:
        with suppress(OSError):
            super().close()


def outlet(descriptor: int) -> TextIO:
    """A stream of its own on an open descriptor, whoever captures or closes the other ones."""
    return _Outlet(os.fdopen(os.dup(descriptor), "wb"), encoding="utf-8", errors="backslashreplace")


def printable(text: str) -> str:
    """Untrusted text without control characters, so that no device string reaches the terminal as an escape."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)

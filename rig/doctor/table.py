"""The doctor's lines for a person: tick, cross or dash, and under a cross its cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from rig.doctor.checks import Check

__all__ = ["print_checks"]

_SIGN = {"ok": ("✓", "green"), "wrong": ("✗", "bold red"), "not needed": ("–", "dim")}


def print_checks(checks: Sequence[Check], console: Console) -> None:
    """One row a check, one sentence at the end."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in checks:
        sign, style = _SIGN[one.mark]
        said = Text(_printable(one.said), style="dim" if one.mark == "not needed" else "")
        if one.cure:
            said.append(f"\n→ {_printable(one.cure)}", style="bold")
        table.add_row(Text(sign, style=style), Text(one.name), said)
    console.print(table)
    wrong = sum(one.mark == "wrong" for one in checks)
    console.print(f"{wrong} to put right." if wrong else "Everything needed is there.", markup=False)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)

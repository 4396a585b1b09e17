"""Tables of names and lines: folded to 80 columns without a terminal, as a table with one."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from rig.run.progress import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from rig.twin.catalogue import Row

__all__ = ["print_listing"]

WIDTH = 80


def print_listing(tables: Mapping[str, Iterable[Row]], console: Console) -> None:
    """One table a heading."""
    for heading, rows in tables.items():
        if console.is_terminal:
            console.print(_table(heading, rows))
            console.print()
            continue
        console.print(heading, soft_wrap=True)
        for row in rows:
            console.print(Text(printable(_plain(row))), soft_wrap=True)
        console.print()


def _table(heading: str, rows: Iterable[Row]) -> Table:
    table = Table(title=heading, title_justify="left", show_edge=False, pad_edge=False, header_style="bold")
    rows = list(rows)
    shown = [key for key in ("name", "clause", "default", "line") if any(getattr(row, key) for row in rows)]
    for key in shown:
        table.add_column("" if key == "line" else key, overflow="fold", no_wrap=key != "line")
    for row in rows:
        table.add_row(*(Text(printable(getattr(row, key))) for key in shown))
    return table


def _plain(row: Row) -> str:
    notes = ", ".join(note for note in (row.clause, row.default) if note)
    text = f"{row.line} [{notes}]" if notes else row.line
    first = f"  {row.name:<25} "
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_long_words=False)

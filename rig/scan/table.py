"""What a scan found, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from rig.scan.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from rig.scan.found import Found

__all__ = ["print_found"]

_STYLE = {"known": "green", "unknown": "yellow", "held": "yellow", "silent": "dim", "not asked": "dim"}


def print_found(found: Sequence[Found], notes: Sequence[str], console: Console) -> None:
    """A table of what is there, then closed ports and notes, each on a line."""
    shown = [one for one in found if one.state != "closed"]
    if shown:
        table = Table(show_edge=False, pad_edge=False, header_style="bold")
        table.add_column("address", overflow="fold")
        table.add_column("driver", no_wrap=True)
        table.add_column("what answered", overflow="fold")
        for one in shown:
            driver = one.driver or one.state
            place = one.address if one.port is None else f"{one.host}:{one.port}"
            said = f"{one.said} ({one.note})" if one.note else one.said
            table.add_row(Text(plain(place)), Text(driver, style=_STYLE.get(one.state, "")), Text(plain(said, 300)))
        console.print(table)
    closed: dict[str, list[str]] = {}
    for one in found:
        if one.state == "closed":
            closed.setdefault(one.host, []).append(str(one.port))
    for host, ports in closed.items():
        console.print(Text(f"Closed at {plain(host)}: {plain(', '.join(ports), 300)}."), soft_wrap=True)
    for note in notes:
        console.print(Text(f"Note: {plain(note, 300)}", style="dim"), soft_wrap=True)

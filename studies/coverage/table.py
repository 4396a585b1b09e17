"""The tables as people read them."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

from studies.coverage.tally import Row

BEGIN, END = "<!-- tables: written by the command -->", "<!-- end of tables -->"
HEAD = ("stratum", "quantity", "n", "unflagged", "Monte Carlo", "k u", "median U", "mean error / U", "rms error / U")


def print_row(row: Row) -> None:
    """One line while the study runs."""
    cells = _cells(row)
    print(f"{cells[0][:44]:45s} {cells[1]:16s} " + " ".join(f"{cell:>12s}" for cell in cells[2:]), flush=True)


def document(page: str, tables: Sequence[Sequence[Row]], captures: int, seed: int) -> str:
    """The page with its tables exchanged; ValueError when it has no place for them."""
    if BEGIN not in page or END not in page:
        raise ValueError(f"the page has no place for the tables: give it the lines {BEGIN} and {END}")
    before, after = page.split(BEGIN, maxsplit=1)[0], page.split(END)[1]
    head = "| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD)
    made = [
        f"### {title}\n\n{head}\n" + "\n".join("| " + " | ".join(_cells(row)) + " |" for row in rows)
        for title, rows in zip(("Errors as the data sheet says", "Errors that no line describes"), tables, strict=True)
    ]
    inside = [row for row in tables[0] if row.stratum.domain]
    judged, taken = sum(row.judged for row in inside), sum(row.captures for row in inside)
    about = (
        f"In the declared domain {_percent(judged, taken)} of {taken} results are unflagged. "
        f"{captures} captures a row (a "
        f"third of that in the second table), seed {seed}; nanogrid-rig {version('nanogrid-rig')}, "
        f"numpy {version('numpy')}, Python {platform.python_version()}."
    )
    return f"{before}{BEGIN}\n\n{about}\n\n" + "\n\n".join(made) + f"\n\n{END}{after}"


def _cells(row: Row) -> list[str]:
    return [
        row.stratum.name, row.quantity, str(row.captures), _percent(row.judged, row.captures),
        _percent(row.held, row.judged), _percent(row.gum, row.judged), f"{row.U:.3g}", f"{row.bias:+.2f}",
        f"{row.spread:.2f}",
    ]  # fmt: skip


def _percent(part: int, of: int) -> str:
    return f"{100.0 * part / of:.1f} %" if of else "-"

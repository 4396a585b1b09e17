"""A page of `docs/` with a place that a study writes."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DOCS", "write"]

DOCS = Path(__file__).resolve().parents[1] / "docs"


def write(page: Path, name: str, text: str) -> None:
    """Put `text` between the page's lines `<!-- name: written by the command -->` and `<!-- end of name -->`.

    Raises:
        ValueError: the page has no such place.
    """
    begin, end = f"<!-- {name}: written by the command -->", f"<!-- end of {name} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page.name} has no place for this: give it the lines {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")

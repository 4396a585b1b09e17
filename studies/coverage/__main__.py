"""`python -m studies.coverage`: the tables of docs/coverage.md."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: the processes share the cores already

from studies.coverage.strata import off_distribution, strata
from studies.coverage.table import document, print_row
from studies.coverage.tally import Row, run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"


def main() -> None:
    """Run the strata, print each as it ends, and rewrite the tables of the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.coverage", description=__doc__)
    ask.add_argument("--captures", type=int, default=1000, metavar="N", help="captures a stratum")
    ask.add_argument("--jobs", type=int, default=2, metavar="N", help="processes")
    ask.add_argument("--seed", type=int, default=1, metavar="N")
    ask.add_argument("--only", default="", metavar="TEXT", help="only strata whose name holds it; the page stays")
    told = ask.parse_args()
    tables: list[list[Row]] = []
    for title, listed in (("As the data sheet says", strata()), ("Off the distribution", off_distribution())):
        print(f"\n{title}")
        chosen = [one for one in listed if told.only in one.name]
        captures = told.captures if not tables else max(told.captures // 3, 1)
        rows: list[Row] = []
        for found in run(chosen, captures=captures, jobs=told.jobs, seed=told.seed):
            for row in found:
                print_row(row)
            rows += found
        tables.append(rows)
    if not told.only:
        PAGE.write_text(document(PAGE.read_text(encoding="utf-8"), tables, told.captures, told.seed), encoding="utf-8")
        print(f"\n{PAGE.name} is rewritten.")


if __name__ == "__main__":
    main()

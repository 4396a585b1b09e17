"""What a case needs and a bench declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import Reverse
from rig.files.quantity import format_quantity, parse
from rig.run.case import NEEDS_RATE

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.run.case import Case

__all__ = ["missing"]


def missing(case: Case, bench: Bench) -> list[str]:
    """Parts that the case needs and the bench does not have, in words; empty when it can be done."""
    lacking = []
    needs = case.needs | ({"reversed"} if isinstance(case.fault, Reverse) else {"injector"})
    for need in sorted(needs):
        if need.startswith(NEEDS_RATE):
            wanted = parse(need.removeprefix(NEEDS_RATE), "Hz")
            if bench.digitizer_rate_max is not None and bench.digitizer_rate_max < wanted:
                lacking.append(f"a digitizer of {format_quantity(wanted, 'Hz')} or more")
        elif need == "reversed" and "reversed" not in bench.routes:
            lacking.append("a route that reverses the supply")
        elif need == "injector" and not bench.injector.taps:
            lacking.append("an injector with taps")
        elif need not in {"reversed", "injector"}:
            lacking.append(f"'{need}', which this version does not know")
    return lacking

"""One number for scripts; the first reason that applies wins (DESIGN section 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BAD_INPUT", "BENCH_FAULT", "FAILED", "OPEN", "PASSED", "exit_code"]

PASSED = 0
FAILED = 1
BAD_INPUT = 2
BENCH_FAULT = 3
OPEN = 4


def exit_code(verdicts: Iterable[str], *, bench_fault: bool) -> int:
    """Exit code of a run from the verdicts of its planned cases."""
    seen = set(verdicts)
    if bench_fault:
        return BENCH_FAULT
    if seen & {"FAIL", "CONDITIONAL_FAIL"}:
        return FAILED
    return PASSED if seen == {"PASS"} else OPEN

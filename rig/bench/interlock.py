"""The safety chain: lid switch and emergency stop cut the power of coils and gate in hardware; the rig reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruments.roles import DigitalOutput
    from rig.files.bench import Bench

__all__ = ["InterlockOpen", "check_interlock"]


class InterlockOpen(Exception):
    """Somebody has opened the lid or pressed the emergency stop: what was measured since says nothing of the device."""


def check_interlock(bench: Bench, lines: DigitalOutput) -> None:
    """Read the safety chain; a bench that has none is not asked.

    Raises:
        InterlockOpen: it is open.
    """
    if bench.interlock is not None and not lines.line(bench.interlock.line):
        raise InterlockOpen(
            f"The safety chain of bench {bench.name} is open (line {bench.interlock.line} reads low): "
            "shut the lid, release the emergency stop, then run again."
        )

"""The command `rig`, before anything else is imported: a broken installation says what is wrong, not where."""

from __future__ import annotations

import sys

__all__ = ["main"]

BAD_INPUT = 2


def main() -> None:
    """Entry point."""
    try:
        from rig.cli import main as command_line
    except Exception as error:  # a module that is not there, or a stranger's under our name that fails in its own way
        sys.stderr.write(f"rig cannot start: {type(error).__name__}: {error}\n{_diagnosis()}")
        sys.exit(BAD_INPUT)
    command_line()


def _diagnosis() -> str:
    """What the doctor would put right; it imports next to nothing, but even that may be missing."""
    try:
        from pathlib import Path

        from rig.doctor import check, look

        wrong = [one for one in check(look(Path("runs"))) if one.mark == "wrong"]
    except Exception as error:
        return f"The doctor cannot start either ({error}): install nanogrid-rig anew, in an environment of its own.\n"
    return "".join(f"{one.name}: {one.said}; {one.cure}\n" for one in wrong)

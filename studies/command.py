"""The command `rig`, as studies start it."""

from __future__ import annotations

import sys

__all__ = ["RIG"]

RIG = [sys.executable, "-c", "from rig.entry import main; main()"]
"""Of this very Python, whatever is installed elsewhere."""

"""The command `rig`, as studies start it."""

from __future__ import annotations

import sys

from rig.files.device import Device
from rig.files.document import load, resolve

__all__ = ["BENCH", "RIG", "sample"]

RIG = [sys.executable, "-c", "from rig.entry import main; main()"]
"""Of this very Python, whatever is installed elsewhere."""

BENCH = "full"
"""The bench that has every part."""


def sample(device: str) -> list[str]:
    """The option that names a sample whose owner agrees to everything; empty where nobody has agreed."""
    consent = load(resolve("devices", device), Device).consent
    return ["--serial", consent[0]] if consent else []

"""What is written about a run beside its results: folder, versions, log."""

from __future__ import annotations

import logging
import platform
import re
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rig.ownership import DISTRIBUTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rig.run.setup import Setup

__all__ = ["default_folder", "identity", "log_to"]

LIBRARIES = (DISTRIBUTION, "numpy", "scipy", "pyvisa", "pyvisa-py", "pymodbus", "pytest")


def default_folder(out: str | None, started: str, setup: Setup) -> Path:
    """The run folder: as asked for, or runs/ with a sortable name; file names never come from untrusted text."""
    if out is not None:
        return Path(out)
    stamp = re.sub(r"[-:]", "", started.split(".", maxsplit=1)[0])
    stem = f"{stamp}Z-{_plain(setup.device.name)}-{_plain(setup.bench.name)}"
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 1000))
    return next(path for name in names if not (path := Path("runs") / name).exists())


def identity(setup: Setup) -> dict[str, object]:
    """Bench, device, limits, versions, as run.json has them."""
    device, bench, limits, options = setup.device, setup.bench, setup.limits, setup.options
    return {
        "title": f"{device.model} on bench {bench.name}",
        "development": True,
        "seed": options.seed,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "bench": {"name": bench.name, "kind": bench.kind, "file": options.bench},
        "device": {"name": device.name, "maker": device.maker, "model": device.model, "file": options.device},
        "serial": options.serial,
        "limits": {"name": limits.name, "revision": limits.revision, "file": options.limits},
        "scene": {"name": options.scene or "healthy"} if setup.launches_twin else None,
    }


@contextmanager
def log_to(path: Path) -> Iterator[None]:
    """The standard library's logging of the rig into the run folder, UTC."""
    handler = logging.FileHandler(path, encoding="utf-8")
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s")
    formatter.converter = __import__("time").gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger("rig")
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "unnamed"

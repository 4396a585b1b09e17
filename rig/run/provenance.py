"""What is written about a run beside its results: folder, versions, log."""

from __future__ import annotations

import hashlib
import logging
import platform
import re
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rig.ownership import DISTRIBUTION
from rig.record import FolderRefused, RecordError
from rig.run.recorded import development_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from rig.files.bench import Bench
    from rig.run.setup import Setup
    from rig.run.version import Build

__all__ = ["default_folder", "identity", "log_to", "versions"]

logging.getLogger("rig").addHandler(logging.NullHandler())
"""What is said when no run's log is open goes nowhere; without it logging would print tracebacks for the user."""
LIBRARIES = (DISTRIBUTION, "numpy", "scipy", "pyvisa", "pyvisa-py", "pyserial", "pytest")


def default_folder(out: str | None, started: str, setup: Setup) -> Path:
    """The run folder: as asked for, or runs/ with a sortable name; file names never come from untrusted text."""
    if out is not None:
        return Path(out)
    stamp = re.sub(r"[-:]", "", started.split(".", maxsplit=1)[0])
    stem = f"{stamp}Z-{_plain(setup.device.name)}-{_plain(setup.bench.name)}"
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 1000))
    for path in (Path("runs") / name for name in names):
        try:
            path.mkdir(mode=0o700, parents=True)  # made here, so that of two runs in the same second each has its own
        except FileExistsError:
            continue
        except OSError:
            pass  # who makes the record says why
        return path
    raise FolderRefused(f"runs/{stem}: a thousand runs have begun in this second: give --out a folder of its own.")


def _own_scene(device: str) -> str:
    """What the record calls the scene where nobody named one: the twin takes one of the device's serial numbers."""
    return "healthy" if device == "reference" else f"the twin's own of {Path(device).stem}"


def identity(setup: Setup) -> dict[str, object]:
    """Bench, device, limits, versions, as run.json has them."""
    device, bench, limits, clauses, options = setup.device, setup.bench, setup.limits, setup.clauses, setup.options
    return {
        "title": f"{device.model} on bench {bench.name}",
        "development": not options.recorded,
        "development_reasons": development_reasons(setup),
        "operator": options.operator,
        "seed": options.seed,
        "versions": versions(setup.build),
        "bench": {"name": bench.name, "kind": bench.kind, "file": options.bench, "sha256": _bench_digest(bench)},
        "device": {
            "name": device.name,
            "maker": device.maker,
            "model": device.model,
            "file": options.device,
            "sha256": _digest(device),
        },
        "serial": options.serial,
        "limits": {
            "name": limits.name,
            "variant": limits.variant,
            "revision": limits.revision,
            "file": options.limits,
            "sha256": _digest(limits),
        },
        "clauses": {
            "name": clauses.name,
            "revision": clauses.revision,
            "file": options.clauses,
            "sha256": _digest(clauses),
        },
        "calibration": {
            "policy": bench.calibration.policy,
            "certificates": [held.certificate.number for held in setup.certificates],
        },
        "temperatures": {"ambient_degC": setup.ambient, "case_degC": setup.case_temperature},
        "scene": {"name": options.scene or _own_scene(options.device)} if setup.launches_twin else None,
    }


def versions(build: Build) -> dict[str, str | None]:
    """Of Python, the rig and the libraries that it measures with."""
    found = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    return {**found, "commit": build.commit, "clean": build.unclean or "yes"}


def _bench_digest(bench: Bench) -> str:
    """A twin's addresses are others each time that it is served."""
    plain: dict[str, object] = {"clock": None, "twin": None, "device_link": None}
    if bench.kind == "twin":
        unaddressed = {"address": "twin", "stream_port": None}
        plain["instruments"] = {name: one.model_copy(update=unaddressed) for name, one in bench.instruments.items()}
    return _digest(bench.model_copy(update=plain))


def _digest(model: BaseModel) -> str:
    """Of all that a file says, however it is spelled."""
    return hashlib.sha256(repr(model).encode()).hexdigest()


class _LogFile(logging.FileHandler):
    """On a full disk the journal speaks up; logging would print a traceback for every line."""

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        return


@contextmanager
def log_to(path: Path) -> Iterator[None]:
    """The standard library's logging of the rig into the run folder, UTC.

    Raises:
        RecordError: the log cannot be opened.
    """
    try:
        handler = _LogFile(path, encoding="utf-8")
    except OSError as error:
        raise RecordError(f"{path}: the log cannot be written ({error.strerror}).") from None
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
        with suppress(OSError):
            handler.close()


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "unnamed"

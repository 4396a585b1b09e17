"""Looks at this computer. Opens no instrument; the only sockets are its own, on loopback."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import tempfile
import time
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from rig.companions import COMPANIONS
from rig.doctor.environment import Device, Environment, Folder
from rig.ownership import DISTRIBUTION, ownership_problem

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PROGRAMS", "look"]

PROGRAMS = ("ngspice", "chromium")
_CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")


def look(runs: Path) -> Environment:
    """What there is; `runs` is the folder that run folders are made in."""
    required = _required()
    names = [Requirement(one).name for one in required]
    clock = time.get_clock_info("monotonic")
    return Environment(
        python=platform.python_version(),
        python_wanted=_python_wanted(),
        system=platform.system(),
        required=required,
        versions={name: _version(name) for name in (*names, *(one.package for one in COMPANIONS))},
        ownership=ownership_problem(),
        visa=_visa(),
        sockets=_sockets(),
        runs=_folder(runs),
        locks=_folder(_lock_folder()),
        temporary=_folder(Path(tempfile.gettempdir())),
        open_files=_open_files(),
        clock=_text(_CLOCK_SOURCE) or clock.implementation,
        clock_resolution_s=clock.resolution,
        processors=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        threads=os.environ.get("OPENBLAS_NUM_THREADS"),
        serial=_devices(["/dev/ttyUSB*", "/dev/ttyACM*"]),
        usb=_devices(["/dev/usbtmc*"]),
        programs={name: shutil.which(name) for name in PROGRAMS},
    )


def _required() -> tuple[str, ...]:
    try:
        listed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return ()
    return tuple(one for one in listed if Requirement(one).marker is None)


def _python_wanted() -> str:
    try:
        return str(metadata(DISTRIBUTION)["Requires-Python"])
    except (PackageNotFoundError, KeyError):
        return ""


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _visa() -> tuple[str, ...]:
    """pyvisa's back-ends. "ivi" is always there, and counts only with a vendor's library behind it."""
    if find_spec("pyvisa") is None:
        return ()
    from pyvisa.ctwrapper.highlevel import IVIVisaLibrary
    from pyvisa.highlevel import list_backends

    return tuple(name for name in list_backends() if name != "ivi" or IVIVisaLibrary.get_library_paths())


def _sockets() -> str:
    try:
        with socket.socket() as server, socket.socket() as client, socket.socket(socket.AF_UNIX):
            server.bind(("127.0.0.1", 0))
            server.listen()
            client.settimeout(2.0)
            client.connect(server.getsockname())
    except (OSError, AttributeError) as error:  # AttributeError: a system without AF_UNIX
        return str(error)
    return ""


def _open_files() -> int:
    try:
        import resource
    except ImportError:  # Windows counts differently, and runs no bench
        return -1
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _lock_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "nanogrid-rig"


def _folder(path: Path) -> Folder:
    """What writing to `path` would meet; looked at, not tried. A folder that is not there is made in its parent."""
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    try:
        free = shutil.disk_usage(there).free
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o700
    except OSError as error:
        return Folder(path, error.strerror or str(error))
    if not there.is_dir():
        return Folder(path, f"{there} is a file", mode, free)
    return Folder(path, "" if os.access(there, os.W_OK | os.X_OK) else f"{there} is not writable", mode, free)


def _devices(patterns: Iterable[str]) -> tuple[Device, ...]:
    found = sorted(str(path) for pattern in patterns for path in Path("/").glob(pattern.removeprefix("/")))
    return tuple(Device(path, _group(path), os.access(path, os.R_OK | os.W_OK)) for path in found)


def _group(path: str) -> str:
    try:
        return Path(path).group()
    except (OSError, KeyError, NotImplementedError):
        return "its owner's"


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""

"""What was found on a computer: plain data, so that a check can be tried on any computer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Device", "Environment", "Folder"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device file, the group it belongs to, and whether this user may read and write it."""

    path: str
    group: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is written to. `trouble` is the system's word when it cannot be, empty when it can."""

    path: Path
    trouble: str = ""
    mode: int = 0o700
    free_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Environment:
    """One computer, one user, one installation."""

    python: str
    python_wanted: str
    """As in the distribution's metadata, such as >=3.11; empty when the distribution is not installed."""
    system: str
    required: tuple[str, ...]
    """Requirements of the distribution without its extras, such as numpy<3,>=2.3."""
    versions: Mapping[str, str | None]
    """Version of each package asked for; None: not installed."""
    ownership: str | None
    visa: tuple[str, ...]
    """Names of pyvisa's back-ends: py, ivi, ..."""
    sockets: str
    """Why loopback or Unix sockets cannot be had; empty when they can."""
    runs: Folder
    locks: Folder
    temporary: Folder
    open_files: int
    clock: str
    clock_resolution_s: float
    processors: int
    threads: str | None
    """OPENBLAS_NUM_THREADS."""
    serial: tuple[Device, ...] = ()
    usb: tuple[Device, ...] = ()
    programs: Mapping[str, str | None] = field(default_factory=dict)
    """Path of each program asked for; None: not found."""

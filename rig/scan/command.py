"""`rig scan` from what was typed to what was found and written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rig.bench.clock import utc_stamp
from rig.files.document import BadFile, Mistake
from rig.scan.bench_text import bench_text
from rig.scan.found import Found
from rig.scan.network import Target, bound_s, scan_hosts
from rig.scan.ports import parse_ports, well_known_ports
from rig.scan.visa import ask_resource, listed_resources, resource_bound_s

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Request", "Result", "carry_out"]

SHORTEST_S, LONGEST_S = 0.05, 30.0
LISTING_S = 3  # one for VXI-11's broadcast, one for each service asked for by mDNS
SOON_S = 2.0  # what may take longer is announced


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, checked."""

    targets: tuple[Target, ...]
    listing: bool
    """Whether the VISA library looks around."""
    buses: bool
    """Whether USB and GPIB instruments are asked too."""
    serial: bool
    timeout_s: float
    out: Path | None

    @classmethod
    def checked(
        cls, hosts: Sequence[str], ports: Sequence[str], *, serial: bool, visa: bool, timeout_s: float, out: str | None
    ) -> Request:
        """BadFile with everything wrong on the command line."""
        mistakes = []
        asked: list[int] = []
        try:
            asked = parse_ports(ports) if ports else well_known_ports()
        except BadFile as bad:
            mistakes += bad.mistakes
        if ports and not hosts:
            mistakes.append(_mistake("--ports", "belongs to a host: name it with --host"))
        by_host: dict[str, dict[int, None]] = {}
        for host in hosts:
            match = re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::(\d{1,5}))?", host, re.ASCII)
            if match is None or not 1 <= int(match[2] or 1) <= 65535:
                text = f"{host!r} is no host name or IPv4 address, alone or with one port (IPv6 is not supported)"
                mistakes.append(_mistake("--host", text))
            else:
                by_host.setdefault(match[1], {}).update(dict.fromkeys([int(match[2])] if match[2] else asked))
        if not SHORTEST_S <= timeout_s <= LONGEST_S:
            text = f"{timeout_s:g} s is outside {SHORTEST_S:g} to {LONGEST_S:g} s"
            mistakes.append(_mistake("--timeout", text))
        if out is not None:
            mistakes += _out_mistakes(Path(out))
        if mistakes:
            raise BadFile(mistakes)
        listing = visa or serial or not hosts
        targets = tuple(Target(host, tuple(ports_there)) for host, ports_there in by_host.items())
        return cls(targets, listing, visa, serial, timeout_s, None if out is None else Path(out))


@dataclass(slots=True)
class Result:
    """What was found, and where it was written."""

    found: list[Found] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    written: Path | None = None

    @property
    def known(self) -> list[Found]:
        """Instruments that a driver of the catalogue fits."""
        return [one for one in self.found if one.state == "known"]

    @property
    def summary(self) -> str:
        """One sentence, and what to do next."""
        count = len(self.known)
        if not count and any(one.state == "held" for one in self.found):
            return "Every instrument that was found is in use: wait for the process that holds it, then scan again."
        if not count:
            return "No instrument of the catalogue answered: check power, cables and addresses; --host names a host."
        said = f"{count} instrument{'s' if count > 1 else ''} of the catalogue answered"
        if self.written is None:
            return f"{said}; --out FILE writes a bench file."
        return f"{said}; complete the wiring in {self.written}, then check it with `rig plan --bench {self.written}`."

    def as_json(self) -> dict[str, object]:
        """Plain data for `--json`."""
        written = None if self.written is None else str(self.written)
        return {"found": [one.as_json() for one in self.found], "notes": self.notes, "bench_file": written}


def carry_out(request: Request, doing: Callable[[str], None], say: Callable[[str], None]) -> Result:
    """Look, ask, and write the bench file if something was recognised.

    `doing` hears what goes on, `say` beforehand how long it can take.

    Raises:
        BadFile: the bench file cannot be written.
    """
    result = Result()
    longest = bound_s(request.targets, request.timeout_s)
    if request.targets and longest > SOON_S:
        count = sum(len(target.ports) for target in request.targets)
        say(f"Asking {count} port{'s' if count > 1 else ''}, at most {longest:.0f} s.")
    result.found += scan_hosts(request.targets, request.timeout_s, lambda place: doing(f"asking {place}"))
    if request.listing:
        say(f"Looking at what announces itself, {LISTING_S:g} s.")
        doing("listening for what announces itself")
        _listed(request, result, doing, say)
    if request.out is not None and result.known:
        _write(request.out, bench_text(result.found, _name(request.out), utc_stamp()))
        result.written = request.out
    return result


def _listed(request: Request, result: Result, doing: Callable[[str], None], say: Callable[[str], None]) -> None:
    resources, notes = listed_resources()
    result.notes += notes
    asked = [one for one in resources if _wanted(one, request) is None]
    longest = sum(resource_bound_s(one, request.timeout_s) for one in asked)
    if longest > SOON_S:
        say(f"Asking {len(asked)} resource{'s' if len(asked) > 1 else ''}, at most {longest:.0f} s.")
    for resource in resources:
        why = _wanted(resource, request)
        if why is not None:
            result.found.append(Found(resource, "not asked", why))
            continue
        doing(f"asking {resource}")
        result.found.append(ask_resource(resource, request.timeout_s))


def _wanted(resource: str, request: Request) -> str | None:
    """Why a listed resource is not asked; None when it is."""
    if resource.startswith("ASRL"):
        return None if request.serial else "a serial port: --serial asks it, at 9600 baud"
    if resource.startswith("TCPIP") or request.buses:
        return None
    return "asking would show remote control on its panel: --visa does so"


def _name(out: Path) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", out.stem).strip("-")[:40] or "bench"


def _out_mistakes(out: Path) -> list[Mistake]:
    if out.exists():
        return [_mistake("--out", f"{out} exists; name a new file, a bench file is never written over")]
    if out.suffix not in {".yaml", ".yml"}:
        return [_mistake("--out", f"{out} needs the suffix of a bench file, for example {out.name}.yaml")]
    if not out.parent.is_dir():
        return [_mistake("--out", f"{out.parent} is no folder")]
    return []


def _write(out: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BadFile([_mistake("--out", f"{out} cannot be written ({error.strerror})")]) from None


def _mistake(path: str, text: str) -> Mistake:
    return Mistake("command line", 0, 0, path, text)

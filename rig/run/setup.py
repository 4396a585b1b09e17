"""What a run is made of, checked whole before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import testplans
from rig.bench.abilities import shortcomings
from rig.bench.certificates import Held, load_certificates
from rig.bench.file import load_bench
from rig.bench.readings import as_fed
from rig.faults import fed_at_port
from rig.files import document
from rig.files.bench import Bench
from rig.files.device import Device
from rig.files.document import BadFile, Mistake
from rig.files.explain import choices
from rig.files.limits import Limits, read_limits
from rig.files.quantity import QuantityError, parse
from rig.ownership import ownership_problem
from rig.run.chain import REFUSED_BY_POLICY
from rig.run.version import Build, build
from rig.standard import Clauses, read_clauses

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

    from pydantic import BaseModel

__all__ = ["Options", "Setup", "load_setup", "plan_paths"]


NEEDED = (("port_voltage", "fast"), ("port_voltage", "slow"), ("injector_current", "fast"))
"""Signals and records without which no case can be carried out."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for, as typed."""

    bench: str = "twin"
    device: str = "reference"
    limits: str = "draft-48v"
    clauses: str = "draft"
    scene: str | None = None
    serial: str | None = None
    out: str | None = None
    seed: int = 1
    ambient: str | None = None
    case_temperature: str | None = None
    recorded: bool = False
    operator: str | None = None
    resume: str | None = None
    again: bool = False
    only: tuple[str, ...] = ()
    """Clauses that a case must judge one of; all where there is none."""
    profile: str | None = None
    budget: str | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """The files a run rests on, read and found consistent."""

    options: Options
    bench: Bench
    device: Device
    limits: Limits
    clauses: Clauses
    sources: dict[str, str]
    """Where each file came from: kind -> path."""
    certificates: tuple[Held, ...] = ()
    ambient: tuple[float, float] | None = None
    """The room's temperature, degC: its lowest and highest."""
    case_temperature: float | None = None
    """Of the device under test, degC, as the operator read it."""

    @property
    def build(self) -> Build:
        """The rig itself, as it is now."""
        return build()

    @property
    def refused_flags(self) -> frozenset[str]:
        """Flags with which this bench's lab gives no verdict."""
        return REFUSED_BY_POLICY if self.bench.calibration.policy == "inconclusive" else frozenset()

    @property
    def launches_twin(self) -> bool:
        """Whether this run starts its own twin (a served twin's bench file already names its clock)."""
        return self.bench.kind == "twin" and self.bench.clock is None


def load_setup(options: Options) -> Setup:
    """Read and check every file.

    Raises:
        BadFile: all mistakes of all files at once.
    """
    mistakes: list[Mistake] = []
    certificates: tuple[Held, ...] = ()
    problem = ownership_problem()
    if problem:
        mistakes.append(Mistake("installation", 0, 0, "", problem))
    loaded: dict[str, BaseModel] = {}
    sources: dict[str, str] = {}
    readers: tuple[tuple[str, Callable[[], tuple[Path | Traversable, BaseModel]]], ...] = (
        ("benches", lambda: _read("benches", options.bench, load_bench)),
        ("devices", lambda: _read("devices", options.device, lambda place: document.load(place, Device))),
        ("limits", lambda: read_limits(options.limits)),
        ("clauses", lambda: _read("clauses", options.clauses, read_clauses)),
    )
    for kind, read in readers:
        try:
            place, one = read()
            sources[kind], loaded[kind] = str(place), one
            if isinstance(one, Bench):
                certificates = load_certificates(one, place)
        except BadFile as bad:
            mistakes.extend(bad.mistakes)
    if options.out is not None:
        mistakes.extend(_out_mistakes(Path(options.out)))
    mistakes.extend(_unprintable(options))
    told = {option: _celsius(option, text, mistakes) for option, text in _temperatures(options)}
    if mistakes:
        raise BadFile(mistakes)
    bench, device = loaded["benches"], loaded["devices"]
    assert isinstance(bench, Bench)
    assert isinstance(device, Device)
    bench = as_fed(bench, fed_at_port(device))
    setup = Setup(
        options, bench, device, loaded["limits"], loaded["clauses"], sources, certificates,  # type: ignore[arg-type]
        _ambient(bench, told.get("--ambient")), told.get("--case-temperature"),
    )  # fmt: skip
    mistakes = [Mistake("command line", 0, 0, path, text) for path, text in _cross_checks(setup)]
    if mistakes:
        raise BadFile(mistakes)
    return setup


def _read(
    kind: str, name: str, read: Callable[[Path | Traversable], BaseModel]
) -> tuple[Path | Traversable, BaseModel]:
    place = document.resolve(kind, name)
    return place, read(place)


def plan_paths(plans: list[str]) -> list[str]:
    """Paths of plans: a NAME is a plan of the package `testplans`, a FILE or folder is itself.

    Raises:
        BadFile: a plan that is neither; the sentence lists the known ones.
    """
    home = Path(str(testplans.__file__)).parent
    known = sorted(folder.name for folder in home.iterdir() if any(folder.glob("test_*.py")))
    paths, mistakes = [], []
    for plan in plans or known:
        if plan in known:
            paths.append(str(home / plan))
        elif Path(plan.split("::")[0]).exists():
            paths.append(plan)
        else:
            text = f"there is no plan '{plan}': write one of {', '.join(known)}, or the path of a file or folder"
            mistakes.append(Mistake("command line", 0, 0, "PLAN", text))
    if mistakes:
        raise BadFile(mistakes)
    return paths


def _unprintable(options: Options) -> list[Mistake]:
    """Words of the command line that go into the record and onto pages."""
    told = {"--serial": options.serial, "--operator": options.operator}
    odd = {option: next((c for c in text or "" if not c.isprintable()), None) for option, text in told.items()}
    return [
        Mistake("command line", 0, 0, option, f"holds the character U+{ord(char):04X}, which cannot be printed")
        for option, char in odd.items()
        if char is not None
    ]


def _temperatures(options: Options) -> list[tuple[str, str]]:
    asked = {"--ambient": options.ambient, "--case-temperature": options.case_temperature}
    return [(option, text) for option, text in asked.items() if text is not None]


def _celsius(option: str, text: str, mistakes: list[Mistake]) -> float:
    try:
        return parse(text, "degC")
    except QuantityError as error:
        mistakes.append(Mistake("command line", 0, 0, option, str(error)))
        return 0.0


def _ambient(bench: Bench, read: float | None) -> tuple[float, float] | None:
    """What was read at the bench counts before what its file declares."""
    if read is not None:
        return (read, read)
    return None if bench.ambient is None else (bench.ambient.low, bench.ambient.high)


def _out_mistakes(out: Path) -> list[Mistake]:
    if out.exists() and not out.is_dir():
        return [Mistake("command line", 0, 0, "--out", f"{out} is a file; name a new or empty folder")]
    if out.is_dir() and any(out.iterdir()):
        return [
            Mistake("command line", 0, 0, "--out", f"{out} is not empty; a run never writes into another one's folder")
        ]
    return []


def _cross_checks(setup: Setup) -> list[tuple[str, str]]:
    found = []
    options, device, bench = setup.options, setup.device, setup.bench
    if "forward" not in bench.routes:
        found.append(("--bench", f"bench {bench.name} has no route 'forward', by which every device is fed and loaded"))
    for signal, record in NEEDED:
        if signal not in bench.signals or getattr(bench.signals[signal], record) is None:
            found.append(
                ("--bench", f"bench {bench.name} has no {record} record of '{signal}', which every case needs")
            )
    if options.serial is not None and not re.fullmatch(device.serial_pattern, options.serial):
        text = f"'{options.serial}' does not match {device.serial_pattern}, the pattern of device {device.name}"
        found.append(("--serial", text))
    for clause in options.only:
        if clause not in setup.clauses.clauses:
            text = f"there is no clause '{clause}' ({choices(clause, list(setup.clauses.clauses))})"
            found.append(("--only", text))
    found += _selection_mistakes(options)
    if options.again and options.resume is None:
        found.append(("--again", "repeats what a run that broke off had begun: name that run with --resume RUN"))
    if options.scene is not None and not setup.launches_twin:
        text = "a scene belongs to a twin that this run starts; "
        text += (
            "give it to `rig twin serve` instead"
            if bench.kind == "twin"
            else "real hardware has no scene, leave it out"
        )
        found.append(("--scene", text))
    found += [("--bench", f"{path}: {sentence}") for path, sentence in shortcomings(bench)]
    return found


def _selection_mistakes(options: Options) -> list[tuple[str, str]]:
    from rig.run.profiles import PROFILES  # which needs a set-up

    found = []
    if options.profile is not None and options.profile not in PROFILES:
        found.append(
            ("--profile", f"there is no profile '{options.profile}' ({choices(options.profile, [*PROFILES])})")
        )
    try:
        if options.budget is not None and parse(options.budget, "s") <= 0:
            found.append(("--budget", f"must be above 0 s, found {options.budget}"))
    except QuantityError as error:
        found.append(("--budget", str(error)))
    return found


def source_text(place: Path | Traversable) -> str:
    """The text of a file, for the run folder."""
    return place.read_text(encoding="utf-8")

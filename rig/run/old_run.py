"""A run that is judged again: verified first, then everything that its folder says about its cases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rig.bench.file import load_bench
from rig.bench.locks import kept_folder
from rig.files import document
from rig.files.device import Device
from rig.files.document import BadFile
from rig.files.limits import Limits, read_limits
from rig.record import BenchLog, BrokenRun, read_run, verify
from rig.record.reader import NO_TABLE
from rig.run.ending import BENCH_LOG
from rig.run.inputs import digest
from rig.run.provenance import versions
from rig.run.setup import Options, Setup
from rig.run.version import Build, build
from rig.standard import Clauses

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from rig.record import Run

__all__ = ["OldRun", "read_old"]

NEEDED = {"bench", "device", "limits"}
OWN = {*NEEDED, "clauses"}
"""Files of a run that its folder has copies of under these names; the others are its plan's."""


@dataclass(frozen=True)
class OldRun:
    """A verified run folder in which every case can be judged again."""

    run: Run
    plan: list[dict[str, Any]]
    """The cases as they were planned, in order: case (its key), file, test, declared and more."""
    shots: dict[str, dict[str, Any]]
    """What each carried out case brought home, by key; of several attempts the last."""
    ended: dict[str, dict[str, Any]]
    """The last that was said of each case, by key."""
    build: Build
    """The rig that judges now."""

    @property
    def plan_files(self) -> list[str]:
        """Files of the plan, in order."""
        return list(dict.fromkeys(one["file"] for one in self.plan))

    def setup(self, limits: str | None, out: str | None) -> Setup:
        """The set-up of the old run from its own files, under other limits if any are named.

        Raises:
            BadFile: limits that cannot be used.
            BrokenRun: a copy in the folder that this version cannot read.
        """
        told, options = self.run.run, self._options(limits, out)
        own = {kind: self.run.folder.path / told["inputs"][kind]["file"] for kind in ("bench", "device", "limits")}
        place: Path | Traversable
        if limits is not None:
            place, asked = read_limits(limits)
        else:
            place, asked = own["limits"], document.load(own["limits"], Limits)
            variant = told["limits"].get("variant")
            asked = asked if variant is None else asked.read_as(variant)
        kept = told["inputs"].get("clauses")  # runs of before there was a coverage have none
        listed = document.resolve("clauses", "draft") if kept is None else self.run.folder.path / kept["file"]
        try:
            bench, device = load_bench(own["bench"]), document.load(own["device"], Device)
            clauses = document.load(listed, Clauses)
        except BadFile as bad:
            raise BrokenRun(f"{bad.mistakes[0]}; was the run made by another version?") from None
        ambient, case = told["temperatures"]["ambient_degC"], told["temperatures"]["case_degC"]
        sources = {"benches": str(own["bench"]), "devices": str(own["device"]), "limits": str(place)}
        sources["clauses"] = str(listed)
        room = None if ambient is None else tuple(ambient)
        return Setup(options, bench, device, asked, clauses, sources, (), room, case)

    def remarks(self) -> list[str]:
        """What is not as it was when the run was made, and may change what is measured."""
        found = []
        for name, kept in self.run.run["inputs"].items():
            if name not in OWN and digest(Path(name)) != kept["sha256"]:
                found.append(f"The plan {name} has changed since the run; as it was: {kept['file']} in the run folder")
        then, now = self.run.run["versions"], versions(self.build)
        names = [name for name in now if name != "clean" and then.get(name) != now[name]]
        other = [f"{name} {now[name]}, not {then.get(name)}" for name in names]
        if other:
            found.append(f"Measured again with other versions: {'; '.join(other)}")
        if self.run.run["exit"]["reason"]:
            found.append(f"The run itself ended early: {self.run.run['exit']['reason'].rstrip('.')}")
        return found

    def development_reasons(self) -> list[str]:
        """Why a report of it is not for a customer: what was said of the run, and what is so of its judging."""
        own = [*self.remarks(), *([self.build.unclean] if self.build.unclean else [])]
        return list(dict.fromkeys([*self.run.run["development_reasons"], *own]))

    def _options(self, limits: str | None, out: str | None) -> Options:
        told = self.run.run
        scene = told["scene"]
        return Options(
            bench=told["bench"]["file"], device=told["device"]["file"], limits=limits or told["limits"]["file"],
            scene=scene and scene["name"], serial=told["serial"], out=out, seed=told["seed"],
            recorded=not self.development_reasons(), operator=told["operator"],
        )  # fmt: skip


def read_old(path: Path) -> OldRun:
    """The run in a folder. Raises BrokenRun, one sentence: it is not what was written, or does not say enough."""
    found = verify(path, BenchLog(kept_folder() / BENCH_LOG))
    wrong = [one for one in found if one.ok is False and one.said != NO_TABLE]  # a guard that ended it writes none
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        said = wrong[0].said.rstrip(".")
        raise BrokenRun(f"{path} is not judged again: {wrong[0].what}: {said}{more}; `rig verify {path}` says all.")
    run = read_run(path)
    plan = [case for entry in run.entries("run") for case in entry["plan"]]
    if not run.run.get("inputs", {}).keys() >= NEEDED or not all("declared" in c for c in plan):
        raise BrokenRun(
            f"{path} is not judged again: it was made by a version that did not keep its files, spans and levels in "
            "the run folder; run the plan anew."
        )
    shots = {shot["case"]: shot for shot in run.entries("shot")}
    return OldRun(run, plan, shots, {case["case"]: case for case in run.entries("case")}, build())

"""One run of the cases of a clause against a device, and what they found of that clause."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rig.record import read_run
from rig.run.covering import ALWAYS
from studies.catch.devices import SHOWN_BY, Defective, Kind
from studies.catch.pairs import Pair
from studies.command import BENCH, RIG, sample

__all__ = ["CAUGHT", "Found", "carry_out", "carry_out_both", "carry_out_whole", "remembered", "sound"]

CAUGHT = ("FAIL", "CONDITIONAL_FAIL")


RECOVERS = "SC-01 or UV-04 or OV-01"
"""Of REC-01, which most cases judge too, one fault of each kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a run: the verdict of the clause asked for, the others that failed, and why if it has none."""

    verdict: str
    others: tuple[str, ...]
    said: str
    shown_by: frozenset[str] = frozenset()
    beyond: float | None = None
    """How far the first value that failed on the clause lies beyond its limit, in its unit; None without one. Of
    another size of the defect it is that of the same case and measurand, negative within the limit."""
    U: float | None = None
    about: tuple[str, str] | None = None
    """Case and measurand of that value."""
    cases: tuple[str, ...] = ()
    """The cases that failed on the clause."""

    @property
    def caught(self) -> bool:
        """On the right clause."""
        return self.verdict in CAUGHT or bool(set(self.others) & self.shown_by)


def carry_out(tested: Defective, folder: Path, seed: int = 1, about: tuple[str, str] | None = None) -> Found:
    """The cases that judge the clause which the defect violates; `about` as `Found.about` of another size of it."""
    folder.mkdir(parents=True)
    scene = folder / "defective.yaml"
    scene.write_text(tested.scene, encoding="utf-8")
    clause = tested.defect.clause
    shown = SHOWN_BY.get(tested.defect.name, frozenset())
    few = ["-k", RECOVERS] if clause == "REC-01" else []
    rows, said = _run([*_only(tested), *few, "--scene", str(scene)], tested.kind, folder, seed)
    verdict = next((str(row["verdict"] or "not judged") for row in rows if row["clause"] == clause), "nothing")
    beyond, U, about = _beyond(folder / "run", {clause, *shown}, about) if rows else (None, None, None)
    cases = _cases(folder / "run", {clause, *shown}) if rows else ()
    return Found(verdict, tuple(_failed(rows, clause)), said, shown, beyond, U, about, cases)


def remembered(folder: Path, carry: Callable[[Path], Found]) -> Found:
    """What `carry` finds in a folder of its own, of which that alone is kept; what is there already is taken."""
    told = folder.with_name(f"{folder.name}.json")
    if told.exists():
        found = json.loads(told.read_text(encoding="utf-8"))
        made = {name: tuple(found[name]) for name in ("others", "cases")}
        about = None if found["about"] is None else tuple(found["about"])
        return Found(**{**found, **made, "shown_by": frozenset(found["shown_by"]), "about": about})
    shutil.rmtree(folder, ignore_errors=True)  # of a study that was ended in the middle of it
    one = carry(folder)
    told.write_text(json.dumps({**asdict(one), "shown_by": sorted(one.shown_by)}), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    return one


def carry_out_both(pair: Pair, folder: Path, seed: int = 1) -> Found:
    """The cases that judge what two defects violate: all clauses that failed."""
    folder.mkdir(parents=True)
    scene = folder / "defective.yaml"
    scene.write_text(pair.scene, encoding="utf-8")
    wanted = [*_only(pair.first), *_only(pair.second), "--scene", str(scene)]
    rows, said = _run(wanted, pair.first.kind, folder, seed)
    return Found("", tuple(_failed(rows, "")), said)


def carry_out_whole(tested: Defective, folder: Path, but: str, seed: int = 1) -> Found:
    """The whole plan but for the cases whose name has one of the words of `but`."""
    folder.mkdir(parents=True)
    scene = folder / "defective.yaml"
    scene.write_text(tested.scene, encoding="utf-8")
    rows, said = _run(["-k", f"not ({but})", "--scene", str(scene)], tested.kind, folder, seed)
    clause = tested.defect.clause
    verdict = next((str(row["verdict"] or "not judged") for row in rows if row["clause"] == clause), "nothing")
    return Found(verdict, tuple(_failed(rows, clause)), said)


def _only(tested: Defective) -> list[str]:
    """The options that leave nothing but what judges the clauses by which the defect shows; one is judged always."""
    return [word for clause in sorted(tested.clauses - {ALWAYS}) for word in ("--only", clause)]


def sound(kind: Kind, folder: Path, seed: int, only: list[str], but: str = "") -> Found:
    """The whole plan, or these clauses, on a device without a defect: the worst that was said of it. `but`: without the
    cases whose name has one of these words.
    """
    folder.mkdir(parents=True)
    chosen = [word for clause in only for word in ("--only", clause)] + (["-k", f"not ({but})"] if but else [])
    rows, said = _run([*chosen, "--scene", kind.scene], kind, folder, seed)
    failed = _failed(rows, "")
    return Found("FAIL" if failed else "PASS" if rows else "nothing", tuple(failed), said)


def _beyond(
    run: Path, clauses: set[str], about: tuple[str, str] | None
) -> tuple[float | None, float | None, tuple[str, str] | None]:
    for one in read_run(run).entries("verdict"):
        found, limit = one["measurement"], one["limit"]
        this = (one["case"], found["measurand"])
        wanted = one["decision"]["verdict"] in CAUGHT if about is None else this == about
        if one["clause"] in clauses and wanted and found["value"] is not None and limit is not None:
            high, low = (math.inf if limit["high"] is None else limit["high"]), (limit["low"] or -math.inf)
            return max(found["value"] - high, low - found["value"]), one["U"], this
    return None, None, about


def _cases(run: Path, clauses: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(
        one["case"] for one in read_run(run).entries("verdict")
        if one["clause"] in clauses and one["decision"]["verdict"] in CAUGHT
    ))  # fmt: skip


def _failed(rows: list[dict[str, object]], but: str) -> list[str]:
    return [str(row["clause"]) for row in rows if row["verdict"] in CAUGHT and row["clause"] != but]


def _run(arguments: list[str], kind: Kind, folder: Path, seed: int) -> tuple[list[dict[str, object]], str]:
    """The coverage of a run, and its last word where that is not that everything passed."""
    out = folder / "run"
    done = subprocess.run(
        [*RIG, "run", *arguments, "--bench", BENCH, "--device", kind.device, *sample(kind.device), "--seed", str(seed),
         "--out", str(out), "--json", "--no-report"],
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    said = done.stderr.strip().splitlines()[-1:] or [""]
    run = json.loads((out / "run.json").read_text(encoding="utf-8")) if (out / "run.json").exists() else {}
    counts = ", ".join(f"{count} {verdict}" for verdict, count in run.get("counts", {}).items())
    return run.get("coverage") or [], f"exit {done.returncode}: {counts or said[0]}"

"""`python -m studies.false_alarms`: does the rig say anything bad of a good device?

Every sound device goes through all plans with a few seeds, that is with other errors of every instrument and transducer
within their makers' limits, and through the plan of its protection (of a consumer: sags, over-voltages and reversals)
with many. A clause that a device fails by its maker's word is left out. docs/false-alarms.md gets the tables:
every verdict that is not PASS, with its reason.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.files.device import Device
from rig.files.document import load, resolve
from rig.record import read_run
from studies.catch.devices import KINDS, Kind
from studies.command import BENCH, RIG, sample
from studies.false_alarms.margins import Seen, seen
from studies.false_alarms.margins import table as margins_table
from studies.page import DOCS, write

PAGE = DOCS / "false-alarms.md"
ALARMS = ("FAIL", "CONDITIONAL_FAIL")
UNSURE = ("INCONCLUSIVE", "CONDITIONAL_PASS")
MOST_UNSURE = 0.05


@dataclass(frozen=True, slots=True)
class Said:
    """One verdict, or one case without any: what was judged, and why it is no PASS."""

    device: str
    what: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """One run: all that was said, and how it ended where that is no verdict."""

    kind: Kind
    safety: bool
    said: tuple[Said, ...]
    problem: str
    seen: tuple[Seen, ...] = ()


def carry_out(kind: Kind, seed: int, folder: Path, *, safety: bool) -> Done:
    """All plans, or the one of safety, on a sound device."""
    sink = load(resolve("devices", kind.device), Device).port.role == "sink"
    plans = (["-k", "UV-04 or OV-01 or RP-01"] if sink else ["protection"]) if safety else []
    done = subprocess.run(
        [*RIG, "run", *plans, "--bench", BENCH, "--device", kind.device, *sample(kind.device), "--scene", kind.scene,
         "--seed", str(seed), "--out", str(folder), "--json", "--no-report"],
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    if done.returncode not in (0, 1, 4):
        return Done(kind, safety, (), (done.stderr.strip().splitlines() or ["no word"])[-1])
    run = read_run(folder)
    said = [
        Said(kind.device, _what(one), one["decision"]["verdict"], one["decision"]["reason"])
        for one in run.entries("verdict")
        if one["clause"] not in kind.predicted
    ]
    ended = {str(case["case"]): case for case in run.entries("case")}
    said += [
        Said(kind.device, name, "NOT_TESTED", case["reason"])
        for name, case in ended.items()
        if case["verdict"] == "NOT_TESTED"
    ]
    judged = (one for one in run.entries("verdict") if one["clause"] not in kind.predicted)
    numbers = (seen(kind.device, _what(one), one) for one in judged)
    return Done(kind, safety, tuple(said), "", tuple(one for one in numbers if one is not None))


def nearly(kind: Kind) -> bool:
    """Whether a device keeps every limit, or all but those of one clause, of which its maker says so."""
    return len(kind.predicted) < 2


def _what(entry: dict[str, Any]) -> str:
    return f"{entry['clause']} {entry['measurement']['measurand']}, {entry['case']}"


def table(results: list[Done]) -> Iterator[str]:
    """A row for each device and plan."""
    yield "| device | plans | runs | judged | PASS | FAIL | CONDITIONAL_FAIL | INCONCLUSIVE | CONDITIONAL_PASS "
    yield "| cases NOT_TESTED |\n|---|---|---|---|---|---|---|---|---|---|\n"
    for name, safety in dict.fromkeys((one.kind.device, one.safety) for one in results):
        own = [one for one in results if (one.kind.device, one.safety) == (name, safety)]
        counts = Counter(said.verdict for one in own for said in one.said)
        judged = sum(counts.values()) - counts["NOT_TESTED"]
        cells = [counts[verdict] for verdict in ("PASS", *ALARMS, *UNSURE, "NOT_TESTED")]
        yield f"| {name} | {'safety' if safety else 'all'} | {len(own)} | {judged} | "
        yield " | ".join(map(str, cells)) + " |\n"


def reasons(results: list[Done]) -> Iterator[str]:
    """What was not a PASS, each once, with how often; a reason's figures are those of its first time."""
    seen: dict[tuple[str, str, str], list[str]] = {}
    for said in (said for one in results for said in one.said if said.verdict != "PASS"):
        seen.setdefault((said.device, said.what, said.verdict), []).append(said.reason)
    if seen:
        yield "\n| device | what | verdict | times | why |\n|---|---|---|---|---|\n"
    for (device, what, verdict), whys in seen.items():
        yield f"| {device} | {what} | {verdict} | {len(whys)} | {whys[0]} |\n"


def main() -> int:
    """Run the study; with --write, rewrite the page."""
    ask = argparse.ArgumentParser(prog="python -m studies.false_alarms", description=__doc__)
    ask.add_argument("--devices", nargs="*", default=[kind.device for kind in KINDS if nearly(kind)], metavar="NAME")
    ask.add_argument("--seeds", type=int, default=3, metavar="N", help="through all plans")
    ask.add_argument("--safety-seeds", type=int, default=50, metavar="N", help="through the plan of its protection")
    ask.add_argument("--jobs", type=int, default=2, metavar="N")
    ask.add_argument("--write", action="store_true", help="rewrite docs/false-alarms.md")
    told = ask.parse_args()
    kinds = [kind for kind in KINDS if kind.device in told.devices and nearly(kind)]
    wanted = [(kind, seed, False) for kind in kinds for seed in range(1, told.seeds + 1)]
    wanted += [(kind, seed, True) for kind in kinds for seed in range(1, told.safety_seeds + 1)]
    results = []
    with tempfile.TemporaryDirectory(prefix="rig-alarms-") as place, ThreadPoolExecutor(told.jobs) as pool:
        runs = pool.map(
            lambda n: carry_out(n[1][0], n[1][1], Path(place) / str(n[0]), safety=n[1][2]), enumerate(wanted)
        )
        for (kind, seed, safety), done in zip(wanted, runs, strict=True):
            results.append(done)
            counts = dict(Counter(said.verdict for said in done.said))
            word = "safety" if safety else "all"
            print(f"{len(results):4} {kind.device}, seed {seed}, {word}: {counts} {done.problem}", flush=True)
    every = Counter(said.verdict for one in results for said in one.said)
    judged = sum(every.values()) - every["NOT_TESTED"]
    alarms, unsure = (sum(every[verdict] for verdict in group) for group in (ALARMS, UNSURE))
    broken = [one for one in results if one.problem]
    text = (
        f"{len(results)} runs of {len(kinds)} sound devices, {judged} judged: {alarms} false alarms, {unsure} "
        f"INCONCLUSIVE or CONDITIONAL_PASS ({unsure / max(judged, 1):.2%}), {len(broken)} runs ended by the bench.\n\n"
        + "".join(table(results)) + "".join(reasons(results))
        + "".join(margins_table([number for one in results for number in one.seen]))
    )  # fmt: skip
    print(text)
    if told.write:
        write(PAGE, "table", text)
    return 0 if not alarms and not broken and unsure <= MOST_UNSURE * judged else 1


if __name__ == "__main__":
    sys.exit(main())

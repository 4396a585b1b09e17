"""One combination: what broke when, how the run ended, and whether the twin's truth and the words agree with that."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rig.twin.launch import launch
from studies.truth import Truth

__all__ = ["COMBINATIONS", "PARTS", "Broken", "Ended", "carry_out"]

REACH = {"supply": ("energy_input", "reverse_line", "feed_line"), "load": ("load_line",)}
"""Contactors behind which an output that is still on does nothing."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A fault of a part, and by which words the rig may name the culprit."""

    fault: str
    part: str
    names: tuple[str, ...]
    size: str | float | None = None
    text: str | None = None

    @property
    def label(self) -> str:
        return f"{self.fault}, {self.part}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went; `wrong` are the promises that did not hold."""

    broken: Broken
    phase: str
    code: int
    told: str
    wrong: tuple[str, ...]


INSTRUMENTS = ("supply", "load", "relays", "daq", "scope")
PARTS = {
    **{name: (name,) for name in INSTRUMENTS},
    "supply": ("supply", "input voltage"),
    "daq": ("daq", "recorder", "monitor"),
    "injector": ("injector", "gate"),
    "interlock": ("safety chain",),
    "scope.3": ("injector current", "scope", "digitizer", "injector"),
    "daq.AIN0": ("port voltage", "daq", "recorder"),
    "daq.AIN2": ("injector current", "daq", "recorder"),
}


def _broken(fault: str, *parts: str, size: str | None = None) -> list[Broken]:
    return [Broken(fault, part, PARTS.get(part, (part,)), size) for part in parts]


COMBINATIONS = (
    *_broken("dead", *INSTRUMENTS),
    *_broken("reboots", *INSTRUMENTS),
    *_broken("mute", *INSTRUMENTS),
    *_broken("late", *INSTRUMENTS, size="0.5 s"),
    *_broken("late_by_wall", *INSTRUMENTS, size="3 s"),
    *_broken("commands_ignored", "supply", "load", "relays"),
    *_broken("readings_frozen", "supply", "load", "relays"),
    *_broken("output_stuck_on", "supply"),
    *_broken("ovp_dead", "supply"),
    *_broken("sense_drift", "supply", size="0.5 V"),
    *_broken("welded", "energy_input", "load_line", "tap_short"),
    *_broken("welds", "energy_input", "load_line", "tap_short"),
    *_broken("stuck_open", "energy_input", "load_line", "tap_short"),
    *_broken("aux_stuck_open", "load_line", "tap_short"),
    *_broken("aux_stuck_closed", "load_line", "tap_short"),
    *_broken("coil_dead", "energy_input", "load_line", "tap_short"),
    *_broken("injector_stuck_open", "injector"),
    *_broken("injector_stuck_closed", "injector"),
    *_broken("injector_opens_late", "injector", size="50 ms"),
    *_broken("gate_dead", "injector"),
    *_broken("channel_frozen", "scope.3", "daq.AIN0", "daq.AIN2"),
    *_broken("interlock_open", "interlock"),
)


def carry_out(broken: Broken, phase: str, folder: Path, select: str, seed: int = 1) -> Ended:
    """Serve a twin in virtual time, run one case in which the part breaks, and look."""
    folder.mkdir(parents=True)
    wanted = {"fault": broken.fault, "part": broken.part, "size": broken.size, "text": broken.text}
    fault = {key: value for key, value in wanted.items() if value is not None}
    with launch(scene="healthy", seed=seed) as twin:
        truth = Truth(twin)
        try:
            victim = [sys.executable, "-m", "studies.instrument_faults.victim", phase, truth.path, json.dumps(fault)]
            run = ["run", "protection", "--bench", str(twin.bench), "--out", str(folder / "run"), "-k", select]
            done = subprocess.run([*victim, *run], capture_output=True, text=True, check=False, timeout=300)
            told = done.stdout + done.stderr
            summary = truth.ask("summary")
        finally:
            truth.close()
    reason = _reason(folder / "run", told)
    return Ended(broken, phase, done.returncode, reason, tuple(_wrong(broken, done.returncode, told, reason, summary)))


def _wrong(broken: Broken, code: int, told: str, reason: str, summary: dict[str, Any]) -> list[str]:
    found = list(_unsafe(broken, summary))
    if "Traceback" in told or code not in {0, 3, 4}:
        found.append(f"exit code {code}" + (", with a traceback" if "Traceback" in told else ""))
    if code in {3, 4} and not any(
        name in reason.replace("_", " ") for name in (n.replace("_", " ") for n in broken.names)
    ):
        found.append("the culprit is not named")
    return found


def _unsafe(broken: Broken, summary: dict[str, Any]) -> list[str]:
    """What could still do something: an output behind open contactors does not, nor a contact with all sources off.

    A relay board that is out of reach keeps its contactors, with everything else off.
    """
    closed = {name for name, on in summary["contactors"].items() if on}
    found = []
    if summary["supply_output"] and closed & set(REACH["supply"]):
        found.append("the supply feeds through a closed contactor")
    if summary["load_input"] and closed & set(REACH["load"]):
        found.append("the load draws through a closed contactor")
    if summary["injector"] and any(name.startswith("tap_") for name in closed):
        found.append("the injector conducts through a closed tap")
    left = closed - {broken.part.partition(".")[0]}
    if left and broken.part != "relays":
        found.append(f"closed: {', '.join(sorted(left))}")
    return found


def _reason(run: Path, told: str) -> str:
    """The run's problem, or why its cases were not decided; for the table's reader."""
    try:
        problem = json.loads((run / "run.json").read_text(encoding="utf-8"))["exit"]["reason"]
    except (OSError, TypeError, KeyError, ValueError):
        problem = told.strip().splitlines()[-1] if told.strip() else ""
    return str(problem or next((line for line in told.splitlines() if line.startswith("  ")), "")).strip()

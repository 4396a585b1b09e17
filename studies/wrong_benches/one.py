"""One bench: proved at start by `rig check`, or spoiled while the first case of a run is made safe."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rig.twin.launch import launch
from studies.command import RIG
from studies.instrument_faults.one import Broken
from studies.instrument_faults.one import carry_out as spoiled_case
from studies.wrong_benches.benches import Wrong

__all__ = ["Seen", "at_start", "in_a_run", "right"]

PHASE = "safe"
"""The only case has been measured: what breaks now, only the proof after it can see."""


STEP = re.compile(r" \([^()]*\)(?=[;.])")
"""How a finding's sentence ends: with the step in which it was found."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rig made of it; `wrong` is empty when it was as promised."""

    bench: Wrong
    code: int
    said: str
    wrong: str

    @property
    def itself(self) -> bool:
        """Whether the wrong part is what the finding is of, and not the step that showed it by another."""
        return not self.wrong and self.bench.named(STEP.sub("", self.said))


def at_start(bench: Wrong, folder: Path) -> Seen:
    """`rig check` on a twin that is wrong from the start: exit 3, and the part named."""
    folder.mkdir(parents=True)
    scene = folder / "wrong.yaml"
    faults = json.dumps([bench.entry])  # JSON is YAML
    scene.write_text(f"schema: 1\nname: wrong\nextends: healthy\nbench: {{faults: {faults}}}\n", encoding="utf-8")
    code, said = _rig("check", "--scene", str(scene))
    return Seen(bench, code, said, _judged(bench, code, said))


def in_a_run(bench: Wrong, folder: Path) -> Seen:
    """A run of one case, at whose end the bench goes wrong: exit 3, and the part named as the run's problem."""
    broken = Broken(bench.kind, bench.part, bench.names, bench.size, bench.text)
    ended = spoiled_case(broken, PHASE, folder, "short")
    wrong = _judged(bench, ended.code, ended.told)
    return Seen(bench, ended.code, ended.told, wrong or "; ".join(ended.wrong))


def right(seed: int) -> str:
    """`rig check` of the bench that is as its file says; why it was refused, or nothing."""
    with launch(scene="healthy", seed=seed) as twin:
        code, said = _rig("check", "--bench", str(twin.bench))
    return "" if code == 0 else f"exit code {code}: {said}"


def _judged(bench: Wrong, code: int, said: str) -> str:
    if code != 3 or "Traceback" in said:
        return f"exit code {code}"
    return "" if bench.named(said) else "the part is not named"


def _rig(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([*RIG, *arguments], capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stderr.strip()

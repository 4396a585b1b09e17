"""`python -m studies.mutants`: thousands of broken bench, device and limits files, and what the rig makes of each.

Each is read as `rig plan` reads it: that must end in sentences, each with its file and line, or in a plan. Nothing may
be opened for writing, connected to or started meanwhile, nothing may take more than two seconds of a processor, and no
other exception may come out. Some of those that are valid after all are then run on the twin.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import testplans
from rig.files.document import BadFile
from rig.run.preview import preview, print_preview
from rig.run.progress import new_console
from rig.run.runner import chosen, collect
from rig.run.setup import Options, load_setup, plan_paths
from studies.command import RIG
from studies.mutants.mutate import KINDS, mutant
from studies.page import DOCS, write

PAGE = DOCS / "safety.md"
OPTION = {"benches": "bench", "devices": "device", "limits": "limits"}
LONGEST_S = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `wrong` is empty where that was as it should be."""

    number: int
    file: str
    kind: str
    end: str
    """refused | planned | broken."""
    wrong: str = ""


class Doors:
    """Notes what Python does that reaches beyond reading: from the interpreter's own audit events."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.shut = False
        sys.addaudithook(self._event)

    def _event(self, event: str, args: tuple[object, ...]) -> None:
        if not self.shut:
            return
        writes = event == "open" and isinstance(args[1], str) and any(letter in args[1] for letter in "wax+")
        if writes or event in {"socket.connect", "subprocess.Popen", "os.system", "os.fork", "os.remove", "os.mkdir"}:
            self.seen.append(f"{event} {args[0]}")


def study(count: int, seed: int, folder: Path, jobs: int = 1) -> Iterator[Outcome]:
    """Mutants number 0 to `count` - 1, shared out to `jobs` processes; the valid ones stay in `folder`."""
    if jobs == 1:
        yield from _some(range(count), seed, folder)
        return
    with ProcessPoolExecutor(jobs) as pool:
        parts = [range(first, count, 10 * jobs) for first in range(10 * jobs)]
        for part in pool.map(_listed, parts, repeat(seed), repeat(folder)):
            yield from part


def _listed(numbers: range, seed: int, folder: Path) -> list[Outcome]:
    return list(_some(numbers, seed, folder))


def _some(numbers: range, seed: int, folder: Path) -> Iterator[Outcome]:
    """Mutants of these numbers."""
    home = Path(str(testplans.__file__)).parent
    files = [path for kind in OPTION for path in sorted((home / kind).glob("*.yaml"))]
    plan, doors = collect(plan_paths(["protection"]), None), Doors()
    for number in numbers:
        draw = random.Random(f"{seed} {number}")
        file = draw.choice(files)
        kind, content = mutant(draw, file.read_text(encoding="utf-8"))
        path = folder / f"{number:05}-{file.parent.name}.yaml"
        path.write_bytes(content)
        option = OPTION[file.parent.name]
        end, wrong = _read(Options(**{option: str(path)}), plan, doors)  # type: ignore[arg-type]
        yield Outcome(number, f"{file.parent.name}/{file.name}", kind, end, wrong)
        if end != "planned":
            path.unlink()


def _read(options: Options, plan: list[object], doors: Doors) -> tuple[str, str]:
    doors.seen.clear()
    begin = time.process_time()
    doors.shut = True
    try:
        setup = load_setup(options)
        end, said = "planned", io.StringIO()
        print_preview(setup, preview(setup, chosen(plan, setup)), new_console(said))  # type: ignore[arg-type]
    except BadFile as bad:
        end, said = "refused", io.StringIO(str(bad))
    except Exception as error:
        return "broken", f"{type(error).__name__}: {error}"
    finally:
        doors.shut = False
    took_s = time.process_time() - begin
    if doors.seen:
        return end, f"reached out: {', '.join(doors.seen)}"
    if took_s > LONGEST_S:
        return end, f"took {took_s:.1f} s"
    odd = [c for c in said.getvalue() if not (c.isprintable() or c == "\n")]
    return end, f"printed {odd[0]!r}" if odd else ""


def _run(path: Path, option: str) -> str:
    """Run a mutant that is valid; what is wrong with how that ended, or nothing."""
    with tempfile.TemporaryDirectory() as directory:
        command = [*RIG, "run", "protection", "-k", "short", f"--{option}", str(path), "--out", f"{directory}/run"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    text = done.stdout + done.stderr
    if "Traceback" in text or "error inside the rig" in text or done.returncode not in range(5):
        return f"exit code {done.returncode}: {text.strip().splitlines()[-1]}"
    return ""


def table(outcomes: list[Outcome]) -> Iterator[str]:
    """A row for each kind of mutation."""
    yield "| what went wrong in the file | files | refused | a plan all the same | not as it should be |\n"
    yield "|---|---|---|---|---|\n"
    for kind in KINDS:
        rows = [one for one in outcomes if one.kind == kind]
        ends = Counter(one.end for one in rows)
        bad = sum(bool(one.wrong) for one in rows)
        yield f"| {kind} | {len(rows)} | {ends['refused']} | {ends['planned']} | {bad} |\n"


def main() -> int:
    """Run the study; with --write, rewrite the table in docs/safety.md."""
    ask = argparse.ArgumentParser(prog="python -m studies.mutants", description=__doc__)
    ask.add_argument("--files", type=int, default=10_000, metavar="N")
    ask.add_argument("--seed", type=int, default=1, metavar="N")
    ask.add_argument("--run", type=int, default=20, metavar="N", help="of the valid ones, how many to run on the twin")
    ask.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    ask.add_argument("--write", action="store_true")
    told = ask.parse_args()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="rig-mutants-") as directory:
        for one in study(told.files, told.seed, Path(directory), told.jobs):
            outcomes.append(one)
            if one.wrong:
                print(f"{one.number}: {one.file}, {one.kind}: {one.end}, {one.wrong}", flush=True)
            elif one.number % 500 == 0:
                print(f"{one.number} ...", flush=True)
        valid = sorted(Path(directory).iterdir())
        ran = random.Random(told.seed).sample(valid, min(told.run, len(valid)))
        broken = {path.name: _run(path, OPTION[path.stem.partition("-")[2]]) for path in ran}
    for name, wrong in broken.items():
        print(f"run {name}: {wrong or 'as it should be'}")
    bad = sum(bool(one.wrong) for one in outcomes) + sum(map(bool, broken.values()))
    text = f"{len(outcomes)} files, seed {told.seed}; {len(ran)} of the valid ones run on the twin; "
    text += f"{bad} not as they should be.\n\n"
    text += "".join(table(outcomes))
    print(text)
    if told.write:
        write(PAGE, "mutants", text)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

"""Debian's `ngspice`, run in batch on the netlist of a circuit: a second opinion by other people's numerics.

It is told when switches move (piecewise-linear sources with edges of 10 ps around the instant): the instants are those
of our engine. What is compared is everything that follows, and each crossing before the switching that it causes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.twin.engine.oracle import Circuit, Event, summit

PROGRAM = shutil.which("ngspice")
WHY_NOT = "ngspice is not installed (Debian: apt-get install ngspice)"
EDGE = 10e-12

# Trapezoidal steps of a fixed size: the local error estimate is switched off, so that halving the step halves it.
FIXED = "acct reltol=1e-6 abstol=1e-12 vntol=1e-9 trtol=1e9"


@dataclass(frozen=True)
class Waves:
    """What ngspice computed, at its own time steps."""

    circuit: Circuit
    time: np.ndarray
    values: Mapping[str, np.ndarray]
    analysis_s: float  # its own account of the transient analysis

    def at(self, name: str, times: Sequence[float]) -> np.ndarray:
        return np.interp(times, self.time, self.values[name])

    def peak(self, name: str) -> float:
        return summit(self.time, self.values[name])

    def events(self) -> list[Event]:
        """Passages through the levels of the marks.

        The parabola through the last three steps before it is carried on: a passage may be where the motion has a kink.
        """
        found: list[Event] = []
        for name, mark in self.circuit.marks.items():
            past = mark.direction * (self.values[mark.output] - mark.level)
            passed = np.flatnonzero((past[:-1] <= 0.0) & (past[1:] > 0.0))
            found += [(name, float(self.time[k] + _carried_on(self.time, past, k))) for k in passed]
        return sorted(found, key=lambda event: event[1])


def _carried_on(time: np.ndarray, past: np.ndarray, k: int) -> float:
    """How long after step k the value is zero; by a straight line where it has just jumped."""
    width = time[k + 1] - time[k]
    line = -past[k] / (past[k + 1] - past[k]) * width
    if k < 2 or time[k] - time[k - 2] < 0.1 * width:
        return float(line)
    fit = np.polyfit((time[k - 2 : k + 1] - time[k]) / width, past[k - 2 : k + 1], 2)
    roots = [x.real for x in np.roots(fit) if abs(x.imag) < 1e-12 and -1e-6 <= x.real <= 1.5]
    return float(min(roots, default=line / width) * width)


def edges(moves: Sequence[tuple[float, bool]], edge: float) -> str:
    """A switch's history as the points of a piecewise-linear source."""
    level = int(moves[0] == (0.0, True))
    points = ["0", str(level)]
    for at, on in moves:
        if at > 0.0:
            points += [f"{at - edge / 2.0!r}", str(level), f"{at + edge / 2.0!r}", str(int(on))]
        level = int(on)
    return " ".join(points)


def deck(
    circuit: Circuit,
    switched: Mapping[str, Sequence[tuple[float, bool]]],
    options: str,
    step: float,
    end: float,
    *,
    first: float | None = None,
    edge: float = EDGE,
) -> str:
    """The whole input of ngspice: netlist, one vector for each output, transient from the initial conditions.

    `step` is its largest one, `first` what it derives the first one from, `edge` how long a switch takes to move; s.
    """
    netlist = re.sub(r"^\s+", "", circuit.netlist, flags=re.MULTILINE)
    netlist = re.sub(r"\{([\w ]+)\}", lambda found: edges(switched[found[1]], edge), netlist)
    probes = [f"Bout{k} out{k} 0 V = {output.spice}" for k, output in enumerate(circuit.outputs.values())]
    return "\n".join(
        [
            "* one of the circuits of the engine's tests",
            netlist.strip(),
            *probes,
            f".options {options}",
            f".tran {first or step!r} {end!r} 0 {step!r} uic",
            ".save " + " ".join(f"v(out{k})" for k in range(len(probes))),
            ".end\n",
        ]
    )


def run(circuit: Circuit, text: str, folder: Path) -> Waves:
    """Simulate; whatever ngspice complains about is an error here."""
    assert PROGRAM is not None, WHY_NOT
    source, raw = folder / "circuit.cir", folder / "circuit.raw"
    source.write_text(text)
    done = subprocess.run(
        [PROGRAM, "-b", "-r", raw.name, source.name], cwd=folder, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "rror" not in said, said
    head, _, body = raw.read_bytes().partition(b"Binary:\n")
    names = re.findall(r"^\t\d+\t(\S+)\t", head.decode(), re.MULTILINE)
    table = np.frombuffer(body, dtype=np.float64).reshape(-1, len(names)).T
    columns = dict(zip(names, table, strict=True))
    values = {name: columns[f"v(out{k})"] for k, name in enumerate(circuit.outputs)}
    spent = re.search(r"Transient analysis time = ([\d.]+)", said)
    assert spent is not None, said
    return Waves(circuit, columns["time"], values, float(spent[1]))

"""What is studied: a kind of fault, a bench and a sample interval; and the quantities measured on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rig.measure import (
    Measurement,
    Threshold,
    charge,
    let_through_energy,
    let_through_i2t,
    level,
    operate_time,
    peak_current,
    recovery_time,
    t0,
)
from studies.coverage.bench import Bench, Wrong, capture_of, record_of
from studies.coverage.shots import GATE_V, RATED_A, TRIGGER_A, Shot, hard_short, overload, recovery

FAST_S, SLOW_S = 20e-9, 1e-6
EDGE_S = 1e-6
"""10 to 90 % time of the edges of an overload and of a recovery."""
FLOOR = 0.2
"""Of rated current: above the noise of every bench here, as a plan has to declare it."""
EDGES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0)


OUTSIDE = (
    "short, 60 samples", "short, noise 0.2 % of range", "short, 8 bits", "short, 8 bits without dither",
    "short, data sheet: gain 3 %",
)  # fmt: skip
"""Not what we declare ourselves good for: too few samples, or a floor that noise, steps or zero hide."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One row of the table. samples: over a 10 to 90 % edge (overload, recovery) or over the whole fault (short)."""

    name: str
    kind: str
    samples: float
    bench: Bench
    wrong: Wrong | None = None
    domain: bool = True
    """Within what we declare ourselves good for: the flagged share counts."""


Result = tuple[str, Measurement, float | None]
"""(quantity, what was measured, the truth by the same definition)."""


def strata() -> list[Stratum]:
    """All of them, in the order of the table."""
    plain = Bench()
    listed = [Stratum(f"edges of {n:g} samples", "overload", n, plain) for n in EDGES]
    listed += [Stratum(f"recovery, edges of {n:g} samples", "recovery", n, plain) for n in (0.2, 1.0, 5.0, 50.0)]
    listed += [Stratum(f"short, {n} samples", "short", n, plain) for n in (60, 200, 1000, 5000)]
    varied = {
        "noise 0.2 % of range": replace(plain, noise=0.002),
        "noise 0.01 % of range": replace(plain, noise=0.0001),
        "8 bits": replace(plain, bits=8, noise=0.001),
        "8 bits without dither": replace(plain, bits=8, noise=0.0002),
        "10 bits": replace(plain, bits=10),
        "12 bits": replace(plain, bits=12),
        "16 bits": replace(plain, bits=16, noise=0.00005),
        "skew of half a sample": replace(plain, skew=0.5),
        "skew of five samples": replace(plain, skew=5.0),
        "time base 1000 ppm": replace(plain, timebase=1e-3),
        "bandwidth of the edge": replace(plain, bandwidth=0.35 / EDGE_S),
        "bandwidth of five edges": replace(plain, bandwidth=1.75 / EDGE_S),
        "data sheet: gain 3 %": replace(plain, gain=0.03, offset=0.005),
        "certificate: gain 0.1 %": replace(plain, gain=0.001, offset=0.0002),
    }
    for name, bench in varied.items():
        listed.append(Stratum(name, "overload", 5.0, bench))
        if not name.startswith(("skew", "time base")):
            listed.append(Stratum(f"short, {name}", "short", 1000, bench))
    return [replace(one, domain=one.name not in OUTSIDE) for one in listed]


def off_distribution() -> list[Stratum]:
    """The same with errors that no line of the budget describes."""
    wrongs = {
        "every gain at its limit": Wrong(gain_at_limit=True),
        "hum, 0.5 % of range": Wrong(hum=0.005),
        "1/f noise, 0.2 % of range": Wrong(pink=0.002),
        "skew 3 x its limit": Wrong(skew_factor=3.0),
        "burst at the injection, 3 % of range": Wrong(burst=0.03),
        "non-linear by 1 % of range": Wrong(cubic=0.01),
        "steps of the converter off by 1 step rms": Wrong(dnl=1.0),
    }
    plain = Bench(bits=12, skew=0.5)
    found = []
    for name, wrong in wrongs.items():
        found.append(Stratum(name, "overload", 5.0, plain, wrong))
        found.append(Stratum(f"short, {name}", "short", 1000, plain, wrong))
    return found


def shot_of(stratum: Stratum, rng: np.random.Generator) -> Shot:
    """A fault with parameters of its own."""
    if stratum.kind == "short":
        return hard_short(rng)
    dt = EDGE_S / stratum.samples
    duration = rng.uniform(150.0, 300.0) * max(dt, EDGE_S / 5.0)
    return overload(rng, EDGE_S, duration) if stratum.kind == "overload" else recovery(rng, EDGE_S, duration)


def measured(stratum: Stratum, shot: Shot, rng: np.random.Generator) -> Iterator[Result]:
    """One capture of the shot by a bench of its own, and everything that is measured on it."""
    if stratum.kind == "short":
        dt = 40e-6 / stratum.samples
        bench = replace(stratum.bench, skew=stratum.bench.skew * dt)
        yield from _short(shot, bench, rng, stratum, dt)
    else:
        dt = EDGE_S / stratum.samples
        bench = replace(stratum.bench, skew=stratum.bench.skew * dt, full_scale=0.2)
        yield from (_overload if stratum.kind == "overload" else _recovery)(shot, bench, rng, stratum, dt)


def _operate(
    shot: Shot, capture, rated: float, hold: float
) -> tuple[Measurement, float | None, float | None, float | None]:  # type: ignore[no-untyped-def]
    found = operate_time(
        capture,
        injection=Threshold("injector_current", TRIGGER_A),
        rated_current=rated,
        hold=hold,
        slow=None,
        floor_fraction=FLOOR,
    )
    begin = shot.crossing("injector_current", TRIGGER_A, 1)
    floor = found.inputs.get("floor")
    end = shot.crossing("port_current", float(floor), -1, last=True) if isinstance(floor, float) else None
    return found, None if begin is None or end is None else end - begin, begin, end


def _short(shot: Shot, bench: Bench, rng: np.random.Generator, stratum: Stratum, dt: float) -> Iterator[Result]:
    record = record_of(shot, "fault", bench, rng, dt=dt, before=max(20e-6, 300 * dt), span=100e-6, wrong=stratum.wrong)
    capture = capture_of(record)
    found, time, begin, end = _operate(shot, capture, RATED_A, 15e-6)
    yield "operate_time", found, time
    known = begin is not None and end is not None
    yield "peak_current", peak_current(capture, found), shot.peak("port_current", begin, end) if known else None
    yield (
        "let_through_i2t",
        let_through_i2t(capture, found),
        shot.squares("port_current", begin, end) if known else None,
    )
    energy = let_through_energy(capture, found)
    yield "let_through_energy", energy, shot.energy("port_voltage", "port_current", begin, end) if known else None
    yield "charge", charge(capture, found), shot.integral("port_current", begin, end) if known else None
    before = level(capture, "port_current", (record.traces["port_current"].start, -5e-6), record="fault")
    yield "level", before, shot.value("port_current", -10e-6)


def _overload(shot: Shot, bench: Bench, rng: np.random.Generator, stratum: Stratum, dt: float) -> Iterator[Result]:
    record = record_of(
        shot, "fault", bench, rng, dt=dt, before=300 * dt, span=0.95 * shot.end - 10 * dt, wrong=stratum.wrong
    )
    capture = capture_of(record)
    yield "t0", t0(capture, Threshold("injector_current", TRIGGER_A)), shot.crossing("injector_current", TRIGGER_A, 1)
    found, time, *_ = _operate(shot, capture, RATED_A, 20.0 * max(dt, EDGE_S / 5.0))
    yield "operate_time", found, time


def _recovery(shot: Shot, bench: Bench, rng: np.random.Generator, stratum: Stratum, dt: float) -> Iterator[Result]:
    bench = replace(bench, full_scale=1.0)
    record = record_of(
        shot, "slow", bench, rng, dt=dt, before=300 * dt, span=0.95 * shot.end - 10 * dt, wrong=stratum.wrong
    )
    low, high = 45.6, 60.0
    found = recovery_time(
        capture_of(record), removal=Threshold("gate_voltage", GATE_V, "falling"), low=low, high=high,
        hold=20.0 * max(dt, EDGE_S / 5.0),
    )  # fmt: skip
    removed, back = shot.crossing("gate_voltage", GATE_V, -1), shot.crossing("port_voltage", low, 1)
    yield "recovery_time", found, None if removed is None or back is None else back - removed

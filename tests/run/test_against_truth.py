"""What the rig measured, held against what really happened: within the stated U of the twin's exact truth."""

from __future__ import annotations

import pytest

from tests.run.conftest import verdicts

SHORT = "SC-01-short-10-mohm"
OVERLOAD = "OC-01-overload-1_5-x"


def crossings(truth, probe, level, start, stop):
    reply = truth.ask("crossings", probe=probe, level=level, from_ps=start, to_ps=stop)
    return [t for t, _ in reply["crossings"]]


@pytest.mark.parametrize("seed", [1, 2])
def test_measured_values_hold_the_truth_within_their_uncertainty(rig, served, tmp_path, seed):
    twin = served(scene="healthy", seed=seed)
    done = rig("run", "protection", "--bench", twin.bench, "-k", "short or 1.5", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    found = verdicts(tmp_path / "run")
    end = twin.truth.ask("summary")["now_ps"]
    fired = [t for t, side in twin.truth.ask("crossings", probe="gate_voltage", level=6.0)["crossings"] if side > 0]
    taps = 5  # each bench proof, before and after, has one injection a tap
    assert len(fired) == taps + 2 + taps, "one injection a case, none in between"
    fired = fired[taps:-taps]

    def differs(case: str, measurand: str, true: float) -> float:
        """Deviation from the truth in units of U."""
        entry = found[case, measurand]
        return abs(entry["measurement"]["value"] - true) / entry["U"]

    start = fired[0]
    after = start + 2 * 10**9  # 2 ms
    t0 = crossings(twin.truth, "injector_current", 5.0, start, after)[0]
    floor = found[SHORT, "operate_time"]["measurement"]["inputs"]["floor"]
    quiet = max(crossings(twin.truth, "port_current", side * floor, t0, after)[-1] for side in (1, -1))
    peak = twin.truth.ask("peak", probe="port_current", from_ps=t0, to_ps=after)["value"]
    i2t = twin.truth.ask("i2t", probe="port_current", from_ps=t0, to_ps=quiet)["value"]
    deviations = {
        "operate_time": differs(SHORT, "operate_time", (quiet - t0) * 1e-12),
        "peak_current": differs(SHORT, "peak_current", peak),
        "let_through_i2t": differs(SHORT, "let_through_i2t", i2t),
        "port_voltage_peak": differs(
            SHORT, "port_voltage_peak", twin.truth.ask("peak", probe="port_voltage", from_ps=0, to_ps=fired[1])["value"]
        ),
    }
    start = fired[1]
    gate_off = next(t for t in crossings(twin.truth, "gate_voltage", 6.0, start, end) if t > start)
    tripped = crossings(twin.truth, "port_current", 0.1, start, gate_off)[-1]
    t0 = crossings(twin.truth, "injector_current", 2.5, start, gate_off)[0]
    deviations["overload operate_time"] = differs(OVERLOAD, "operate_time", (tripped - t0) * 1e-12)
    back = next(t for t in crossings(twin.truth, "port_voltage", 51.3, gate_off, end))
    deviations["overload recovery_time"] = differs(OVERLOAD, "recovery_time", (back - gate_off) * 1e-12)
    # U covers 95 %: of so many values one may lie outside it, and a time between two samples then by less than a third.
    assert len(deviations) == 6
    assert sum(value > 1.0 for value in deviations.values()) <= 1, deviations
    assert max(deviations.values()) < 1.3, deviations

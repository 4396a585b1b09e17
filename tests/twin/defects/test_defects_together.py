"""Several defects at once: each keeps its effect, and no mixture breaks the twin."""

from math import isfinite

import pytest

from rig.twin.scene.defects.apply import BY_NAME, apply
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.device import Device
from tests.twin.defects.scenarios import SCENARIOS, Truths, sound
from tests.twin.defects.test_defects import excess, having, truths
from tests.twin.defects.uncertainty import typical
from tests.twin.operator import Operator


@pytest.mark.parametrize(
    ("scenario", "names"),
    [
        ("hard-short", ["late-trip", "slow-recovery", "restart-overshoot"]),
        ("hard-short", ["slow-gate", "slow-recovery"]),
        ("droop-sweep", ["high-set-point", "wrong-droop"]),
        ("power-cut", ["meter-gain", "nvm-lost"]),
        ("reversed-54V", ["reverse-leakage", "breaks-down-reversed"]),
    ],
)
def test_together_each_breaks_its_own_limit_as_it_does_alone(scenario, names):
    defects = [BY_NAME[name] for name in names]
    scene = having(sound(SCENARIOS[scenario].scene), {defect: defect.read("default") for defect in defects})
    together = SCENARIOS[scenario].truths(scene)
    for defect in defects:
        assert excess(defect.limit, together) >= 2 * typical(defect.limit), defect.name


def test_two_of_a_short_add_up_to_what_each_does_alone():
    defects = [BY_NAME["late-trip"], BY_NAME["slow-recovery"]]
    alone = [truths(defect, "default") for defect in defects]
    scene = having(sound("healthy"), {defect: defect.read("default") for defect in defects})
    together = SCENARIOS["hard-short"].truths(scene)
    assert together["operate_time"] == pytest.approx(alone[0]["operate_time"], rel=1e-9)
    assert together["recovery_time"] == pytest.approx(alone[1]["recovery_time"], abs=1e-3)


def compatible(device: Device) -> dict[Defect, float]:
    """As many as apply and do not contradict, the first of the table first."""
    chosen: dict[Defect, float] = {}
    for defect in DEFECTS:
        trial = {**chosen, defect: defect.read("default")}
        if not apply(device, trial)[1]:
            chosen = trial
    return chosen


def ordeal(bench: Operator) -> Truths:
    bench.power_up()
    bench.inject("tap_short", 5e-3)
    bench.wait(0.3)
    bench.world.supply.set_output(False)
    bench.wait(0.3)
    return {name: bench.sim.value(probe) for name, probe in bench.probe.items()}


@pytest.mark.parametrize("name", ["healthy", "charge-controller-with-battery", "appliance", "grid-node"])
def test_all_that_apply_at_once_run_through_twice_the_same(name):
    scene = sound(name)
    defects = compatible(scene.device)
    assert len(defects) >= 10
    benches = [Operator(having(scene, defects), seed=7) for _ in range(2)]
    first, second = (ordeal(bench) for bench in benches)
    assert first == second
    assert all(isfinite(value) for value in first.values())
    assert benches[0].sim.log_sha256() == benches[1].sim.log_sha256()

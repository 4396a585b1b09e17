"""Whatever breaks, and whenever: the world stays finite, and repeats to the last line of its event log."""

import math
import random

import pytest

from rig.twin.bench.faults import BENCH_FAULTS
from rig.twin.scene.fault_checks import parts
from rig.twin.scene.faults import FAULTS, Fault

WIRED = sorted(name for name, kind in FAULTS.items() if kind.wired)
SIZES = {"tap_value": 12.0}


def run(operate, name, seed, path):
    """Power up, overload, release, with fault `name` at some part and some time."""
    dice = random.Random(seed)
    kind = FAULTS[name]
    bench = operate()
    known = parts(bench.world.scene.bench.model_dump())
    part = dice.choice([part for each in kind.parts for part in known[each]])
    begin = dice.uniform(0.0, 0.15)
    fault = {"fault": name, "part": part, "size": SIZES.get(name), "at": f"{begin} s", "until": f"{begin + 0.1} s"}
    bench.world.faults.schedule(Fault.model_validate(fault))
    bench.close("energy_input", "load_line", "tap_1")
    bench.world.supply.set_voltage(48.0)
    bench.world.supply.set_current(20.0)
    bench.world.load.set_level("CURR", 2.0)
    bench.world.load.set_input(True)
    bench.world.supply.set_output(True)
    bench.wait(0.1)
    bench.world.lines.write("FIO0", True)
    bench.wait(5e-3)
    bench.world.lines.write("FIO0", False)
    bench.open("load_line", "tap_1")
    bench.wait(0.1)
    return bench


@pytest.mark.parametrize("name", sorted(BENCH_FAULTS))
def test_any_fault_of_the_bench_at_any_time(operate, name, tmp_path):
    first, again = (run(operate, name, name, tmp_path) for _ in range(2))
    assert sum(" fault " in line for line in first.sim.events.lines) == 2
    assert all(math.isfinite(first.sim.value(probe)) for probe in first.probe.values())
    assert first.sim.log_sha256() == again.sim.log_sha256()
    assert [first.world.recorder.read(f"AIN{n}", 10.0) for n in range(5)] == [
        again.world.recorder.read(f"AIN{n}", 10.0) for n in range(5)
    ]

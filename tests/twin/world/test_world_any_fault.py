"""Whatever breaks, and whenever: the world stays finite, and repeats to the last line of its event log."""

import math
import random

import pytest

from rig.twin.bench.faults import BENCH_FAULTS
from rig.twin.scene.fault_checks import parts
from rig.twin.scene.faults import FAULTS, Fault

SIZES = {"tap_value": 12.0}
PAIRS = {"cables_swapped": ("energy_input", "feed_line"), "channels_swapped": ("daq.AIN0", "daq.AIN3")}


@pytest.fixture
def run(operate, tmp_path):
    """Power up, overload, release, with fault `name` at some part and, if it can come later, at some time."""

    def build(name):
        dice = random.Random(name)
        kind = FAULTS[name]
        known = parts(operate().world.scene.bench.model_dump())
        part, other, *_ = dice.sample([part for each in kind.parts for part in known[each]] * 2, 2)
        part, other = PAIRS.get(name, (part, other))
        if kind.wired:
            path = tmp_path / "wired.yaml"
            fault = f"{{fault: {name}, part: {part}{f', with: {other}' if kind.pair else ''}}}"
            path.write_text(f"schema: 1\nname: wired\nextends: healthy\nbench: {{faults: [{fault}]}}\n")
            return played(operate(str(path)))
        bench, begin = operate(), dice.uniform(0.0, 0.15)
        times = {"at": f"{begin} s", "until": f"{begin + 0.1} s"}
        bench.world.faults.schedule(
            Fault.model_validate({"fault": name, "part": part, "size": SIZES.get(name)} | times)
        )
        return played(bench)

    return build


def played(bench):
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


EVERYWHERE = [
    name
    for name, kind in FAULTS.items()
    if (name in BENCH_FAULTS or kind.wired)
    and not {"series_switch", "mains_switch", "amplifier", "chamber"} & set(kind.parts)
]
"""But of the switches in the feed and the mains and of the chamber, which this bench does not have."""


@pytest.mark.parametrize("name", sorted(EVERYWHERE))
def test_any_fault_of_the_bench_at_any_time(run, name):
    first, again = run(name), run(name)
    assert sum(" fault " in line for line in first.sim.events.lines) == (0 if FAULTS[name].wired else 2)
    assert all(math.isfinite(first.sim.value(probe)) for probe in first.probe.values())
    assert first.sim.log_sha256() == again.sim.log_sha256()
    readings = [[bench.world.recorder.read(f"AIN{n}", 10.0) for n in range(5)] for bench in (first, again)]
    assert readings[0] == readings[1]

"""A second return in the twin: what flows in it is Ohm's law, and a device feels how far it lifts its signal ground."""

import pytest

from rig.files.document import resolve
from rig.twin.engine.probe import i, v
from rig.twin.scene.bench import NoSuchPart
from rig.twin.scene.defects.apply import apply, chosen
from rig.twin.scene.faults import Fault
from rig.twin.scene.load import load_scene
from rig.twin.world import World
from tests.twin.operator import Operator, loaded

PARTS = ("neighbour", "second_return")
LEAD = 470e-3 + 0.1e-3
"""Of the lead with its shunt, and of the changeover, ohm."""
CURRENT, SCREEN = i("second_return"), v("screen")


def between_grounds(bench: Operator, volts: float = 1.0) -> None:
    bench.power_up(limit=15.0)
    bench.close("second_return")
    neighbour = bench.world.neighbour
    assert neighbour is not None
    neighbour.set_current(3.0)
    neighbour.set_ovp(1.5)
    neighbour.set_voltage(volts)
    neighbour.set_output(True)
    bench.wait(0.5)


@pytest.mark.parametrize(
    ("scene", "ohms"), [("charge-controller", 50e-3), ("small-battery", 10.0), ("appliance", 0.05)]
)
def test_what_flows_through_a_joined_ground_is_ohms_law(scene, ohms):
    bench = Operator(scene, parts=PARTS)
    between_grounds(bench)
    volts = bench.sim.value(v("neighbour_plus"))
    amps = bench.sim.value(CURRENT)
    assert volts == pytest.approx(1.0, abs=0.09), "as well as a supply of 80 V has a volt"
    # Of a volt, 1 V / 520.1 mohm is 1.92 A, and 1 V / 10.47 ohm 96 mA.
    assert amps == pytest.approx(volts / (LEAD + ohms), rel=1e-6)
    assert bench.sim.value(SCREEN) == pytest.approx(amps * ohms, rel=1e-6)
    assert bench.sim.value(bench.probe["ground_current"]) == amps


def test_an_isolated_ground_takes_a_microampere():
    bench = Operator("healthy", parts=PARTS)
    between_grounds(bench)
    assert bench.sim.value(CURRENT) == pytest.approx(bench.sim.value(v("neighbour_plus")) / 1e6, rel=5e-3)
    assert bench.sim.value(SCREEN) == pytest.approx(bench.sim.value(v("neighbour_plus")), rel=1e-5)
    assert bench.volts() == pytest.approx(54.0 - 0.05 * 2.5, abs=0.05), "nothing of it shows at the port"


def test_the_changeover_takes_the_signal_ground_off_too():
    """5 V into the known resistor of 2.5 ohm, as in the bench proof."""
    bench = Operator("charge-controller", parts=PARTS)
    bench.close("proof_line", "second_return")
    neighbour = bench.world.neighbour
    neighbour.set_current(4.0)
    neighbour.set_ovp(7.0)
    neighbour.set_voltage(5.0)
    neighbour.set_output(True)
    bench.wait(0.2)
    volts = bench.sim.value(v("neighbour_plus"))
    assert bench.sim.value(CURRENT) == pytest.approx(volts / (470e-3 + 2.5), rel=1e-6)
    assert bench.sim.value(SCREEN) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("volts", "resets"), [("50 mV", 1), ("2 V", 0)])
def test_a_device_that_feels_it_starts_anew_once(volts, resets):
    scene = loaded("charge-controller")
    device, findings = apply(scene.device, chosen({"shy-of-ground": volts}))
    assert findings == []
    bench = Operator(scene.model_copy(update={"device": device}), parts=PARTS)
    between_grounds(bench)
    lines = [line for line in bench.sim.events.lines if line.endswith("reset by watchdog")]
    assert len(lines) == resets
    assert bench.world.device.state == "on"


def test_which_devices_can_have_the_defects():
    joined, none = loaded("charge-controller").device, loaded("ac-adapter").device
    sentences = [apply(device, chosen({name: "default"}))[1][0][1] for device, name in (
        (joined, "grounded-screen"), (none, "grounded-screen"), (none, "shy-of-ground"),
    )]  # fmt: skip
    assert sentences == [
        "defect 'grounded-screen' needs a data connector with an isolated ground; its ground is joined to its return",
        "defect 'grounded-screen' needs a data connector with an isolated ground; it has none",
        "defect 'shy-of-ground' needs a data connector; the device has none",
    ]


@pytest.mark.parametrize("parts", [(), ("neighbour",), ("second_return",)])
def test_a_bench_without_one_knows_nothing_of_it(parts):
    """A second return leads from the neighbour: without that there is none."""
    world = World(loaded("healthy"), 1, parts)
    assert "second_return" not in world.contactors
    assert "ground_current" not in world.probes
    assert "AIN8" not in world.recorder.channels


@pytest.mark.parametrize(
    ("fault", "part"), [("welded", "second_return"), ("channel_open", "daq.AIN8"), ("broken", "second_return")]
)
def test_a_fault_of_a_second_return_that_is_not_there_is_refused(fault, part):
    scene = load_scene(resolve("scenes", "healthy"))
    bench = scene.bench.model_copy(update={"faults": (Fault.model_validate({"fault": fault, "part": part}),)})
    with pytest.raises(NoSuchPart, match=f"this bench has no {part}"):
        bench.with_parts(("neighbour",))
    assert "second_return" in bench.with_parts(PARTS).contactors

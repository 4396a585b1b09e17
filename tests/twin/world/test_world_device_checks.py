"""Devices that make no sense: one sentence each, with its file and line."""

import pytest

from rig.files.document import BadFile, names, resolve
from rig.twin.device.device import wire_device
from rig.twin.device.nodes import Nodes
from rig.twin.engine.network import Network
from rig.twin.scene.device_checks import ELEMENTS
from rig.twin.scene.load import load_scene
from rig.twin.world import World

DEVICE = """schema: 1
name: child
extends: {bench: healthy}
device:
  kind: source
  serial: X-1
  control: {node: bulk, start: 42 V, stop: 38 V, start_delay: 0 s}
  ports:
    grid:
      inside: bulk
      switch: {resistance: 10 mohm, turn_off: 0 s, soft_start: 5 ms}
      capacitance: 1 uF
      esr: 1 ohm
      leakage: 33 kohm
      protection: {}
      recovery: {policy: auto, delay: 1 s}
bench: {wiring: {energy_in: null, port: grid}}
"""
OUTPUT = "current_limit: 5 A, capacitance: 1 mF, esr: 1 ohm, ramp: 1 s, ratio: 1.0, resistance: 1 ohm, voltage: 54 V"
CELLS = "empty: 44 V, full: 54 V, capacity: 1 Ah, charge: 50 %, resistance: 1 ohm"


def write(tmp_path, parts, text=DEVICE):
    body = "  parts:\n" + "".join(f"    {name}: {{{part}}}\n" for name, part in parts.items())
    path = tmp_path / "child.yaml"
    path.write_text(text.replace("  ports:\n", body + "  ports:\n"), encoding="utf-8")
    return path


def mistakes(path):
    with pytest.raises(BadFile) as caught:
        load_scene(path)
    return [str(mistake).removeprefix(f"{path.parent}/") for mistake in caught.value.mistakes]


def converter(source, node="bulk", **more):
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"block: converter, source: {source}, node: {node}, {OUTPUT}{extra}"


def battery(node="cells", **more):
    return f"block: battery, node: {node}, " + CELLS.replace("44 V", more.get("empty", "44 V"))


def test_a_device_that_makes_sense(tmp_path):
    scene = load_scene(write(tmp_path, {"pack": battery(), "converter": converter("cells")}))
    assert list(scene.device.parts) == ["pack", "converter"]
    assert World(scene, 1).device.state == "dead"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"converter": converter("cels"), "pack": battery()},
            "child.yaml:9: device.parts.converter.source: no part and no port is at node 'cels' (allowed: bulk, cells,",
        ),
        (
            {"converter": converter("bulk")},
            "child.yaml:9: device.parts.converter.source: is fed from its own output: node 'bulk' leads back to 'bulk'",
        ),
        (
            {"one": converter("mid"), "two": converter("bulk", "mid")},
            "child.yaml:9: device.parts.one.source: is fed from its own output: node 'bulk' leads back to 'mid'",
        ),
        (
            {"grid": converter("null")},
            "child.yaml:9: device.parts.grid: a port, or where the bench is plugged in, has this name; take another",
        ),
        (
            {"x": converter("null"), "y": "block: resistor, node: x_limit, resistance: 1 ohm"},
            "child.yaml:9: device.parts.x: keeps node 'x_limit' for itself; give that node another name",
        ),
        (
            {"x": converter("null"), "y": "block: segment, a: bulk, b: bulk, resistance: 1 ohm"},
            "child.yaml:10: device.parts.y: both ends are at node 'bulk'",
        ),
        (
            {"x": converter("null"), "pack": battery(empty="54 V")},
            "child.yaml:10: device.parts.pack: empty must lie below full: the voltage of a battery rises",
        ),
        (
            {"x": converter("null", power="300 W")},
            "child.yaml:9: device.parts.x: power must lie below voltage x current limit, or it never limits",
        ),
        (
            {"x": converter("null"), "y": "block: load, node: bulk, power: 5 W"},
            "child.yaml:10: device.parts.y: a current or power needs its minimum voltage, a resistance has none",
        ),
        (
            {
                "x": converter("null"),
                "y": "block: segment, a: bulk, b: grid, resistance: 1 ohm, "
                "opened: [{at: 1 s, for: 2 s}, {at: 2 s, for: 1 s}]",
            },
            "child.yaml:10: device.parts.y.opened: interval 2 begins at 2 s, before the one above it has ended",
        ),
        (
            {"x": converter("null"), "y": "block: load, node: bulk, power: 5 W, minimum: 80 V"},
            "child.yaml:10: device.parts.y: minimum must lie below 60 V",
        ),
        (
            {"x": converter("null"), "y": "block: lod, node: bulk"},
            "child.yaml:10: device.parts.y: expected 'block' to be 'capacitor', 'resistor', 'segment', 'battery'",
        ),
    ],
)
def test_nonsense_is_one_sentence(tmp_path, parts, message):
    first, *_ = mistakes(write(tmp_path, parts))
    assert first.startswith(message)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("charge_controller", "kind charge_controller must have a battery: a part of block battery"),
        ("battery", "kind battery must have a battery: a part of block battery"),
        ("appliance", "kind appliance must have stages or a load: a part of block load or stages"),
        ("load", "kind load must have a load: a part of block inverter or load or resistor or stages"),
        ("ac_adapter", "kind ac_adapter must have a mains: a part of block mains"),
        ("ac_inverter", "kind ac_inverter must have an inverter: a part of block inverter"),
        ("grid_node", "kind grid_node must have two ports at least, not 1"),
    ],
)
def test_a_kind_must_have_what_it_is(tmp_path, kind, sentence):
    text = DEVICE.replace("kind: source", f"kind: {kind}")
    assert mistakes(write(tmp_path, {"x": converter("null")}, text)) == [f"child.yaml:5: device.kind: {sentence}"]


def test_a_source_needs_a_source_unless_the_bench_is_one(tmp_path):
    parts = {"x": "block: capacitor, node: bulk, capacitance: 1 mF, esr: 1 ohm"}
    assert mistakes(write(tmp_path, parts))[0].startswith(
        "child.yaml:5: device.kind: kind source must have a converter or"
    )
    load_scene(write(tmp_path, parts, DEVICE.replace("energy_in: null", "energy_in: bulk")))


def test_places_of_the_bench_must_exist_on_the_device(tmp_path):
    text = DEVICE.replace("port: grid}", "port: gird}").replace("node: bulk, start", "node: bulc, start")
    assert mistakes(write(tmp_path, {"x": converter("null")}, text)) == [
        "child.yaml:7: device.control.node: no part and no port is at node 'bulc' (allowed: bulk, grid)",
        "child.yaml:19: bench.wiring.port: the device has no node or port 'gird' (allowed: bulk, grid)",
    ]


def test_a_shift_must_name_a_battery(tmp_path):
    lines = "export: {intercept: 47 V, resistance: 1 ohm, limit: 5 A, ratio: 1.0}"
    lines += ", import: {intercept: 49 V, resistance: 1 ohm, limit: 5 A, ratio: 1.0}"
    shift = "shift: {battery: pac, high: 80 %, low: 20 %, hysteresis: 2 %, volts: 1 V, ramp: 1 s}"
    storage = f"block: storage, source: cells, node: bulk, capacitance: 1 mF, esr: 1 ohm, ramp: 1 s, {lines}, {shift}"
    assert mistakes(write(tmp_path, {"pack": battery(), "storage": storage})) == [
        "child.yaml:10: device.parts.storage.shift.battery: no battery is named 'pac' (allowed: pack)",
    ]


def test_another_device_on_the_same_bench_takes_nothing_of_the_first(tmp_path):
    scene = load_scene(write(tmp_path, {"x": converter("null")}))
    assert list(scene.device.parts) == ["x"]
    assert scene.bench.contactors == load_scene(write(tmp_path, {"y": converter("null")})).bench.contactors


def test_a_missing_section_or_scene_is_named(tmp_path):
    parts = {"x": converter("null")}
    (wrong,) = mistakes(write(tmp_path, parts, DEVICE.replace("{bench: healthy}", "{bench: helthy}")))
    assert wrong.startswith("child.yaml:3: extends.bench: no scene is named 'helthy' (did you mean 'healthy'?")
    found = mistakes(write(tmp_path, parts, DEVICE.replace("{bench: healthy}", "{device: healthy}")))
    assert any(line.startswith("child.yaml:19: bench.instruments: missing key") for line in found)
    odd = mistakes(write(tmp_path, parts, DEVICE.replace("{bench: healthy}", "{table: healthy}")))
    assert any(line.startswith("child.yaml:3: extends.table") for line in odd)


@pytest.mark.parametrize(
    ("name", "part", "owner"),
    [
        ("x_capacitor", "block: resistor, node: bulk, resistance: 1 ohm", "x"),
        ("y_1", "block: resistor, node: bulk, resistance: 1 ohm", "y"),
        ("y_1_fall", "block: resistor, node: bulk, resistance: 1 ohm", "y"),
        ("side_switch", "block: resistor, node: bulk, resistance: 1 ohm", "side"),
    ],
)
def test_a_name_that_the_elements_of_another_part_have_is_refused(tmp_path, name, part, owner):
    stages = "block: stages, node: bulk, stages: [{on_above: 40 V, off_below: 30 V, ramp: 0 s, resistance: 90 ohm}]"
    port = DEVICE[DEVICE.index("    grid:") : DEVICE.index("bench: {wiring")]
    text = DEVICE.replace(port, port + port.replace("grid:", "side:"))
    path = write(tmp_path, {"x": converter("null"), "y": stages, "x2": part, "y_of_mine": part}, text)
    World(load_scene(path), 1)
    (found,) = mistakes(write(tmp_path, {"x": converter("null"), "y": stages, name: part}, text))
    sentence = f"{owner!r} keeps names such as {name!r} for its own elements; take another name"
    assert found == f"child.yaml:11: device.parts.{name}: {sentence}"


@pytest.mark.parametrize("scene", names("scenes"))
def test_the_elements_of_every_scene_have_names_that_parts_may_not_have(scene):
    """What makes an element under a new name must tell the checks."""
    device, network = load_scene(resolve("scenes", scene)).device, Network()
    wire_device(network, device, Nodes({}))
    owners = [(name, part.block) for name, part in device.parts.items()] + [(name, "port") for name in device.ports]
    numbers = [str(number) for number in range(1, 10)]
    made = {f"device_{owner}_{word}" for owner, block in owners for word in (*ELEMENTS.get(block, ()), *numbers)}
    for element in network.elements.keys() - {f"device_{name}" for name in device.parts}:
        assert element in made or any(element.startswith(f"{name}_") for name in made), element


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"x": converter("null"), "y": "block: segment, a: foo, b: bar, resistance: 1 ohm"},
            "child.yaml:10: device.parts.y: floats: nothing else of the device hangs at 'foo' or 'bar'",
        ),
        (
            {"x": converter("null"), "y": "block: resistor, node: '0', resistance: 1 ohm"},
            "child.yaml:10: device.parts.y.node: '0' is the device's minus; name the node of its plus",
        ),
    ],
)
def test_what_hangs_nowhere_is_refused(tmp_path, parts, message):
    assert mistakes(write(tmp_path, parts)) == [message]


def test_a_chain_of_segments_is_held_by_any_end_of_it(tmp_path):
    chain = {f"s{k}": f"block: segment, a: n{k}, b: n{k + 1}, resistance: 1 ohm" for k in range(3)}
    assert len(mistakes(write(tmp_path, {"x": converter("null"), **chain}))) == len(chain)
    held = {"x": converter("null"), "y": "block: resistor, node: n3, resistance: 1 ohm", **chain}
    World(load_scene(write(tmp_path, held)), 1)


def test_two_plugs_in_one_place_are_refused(tmp_path):
    text = DEVICE.replace("energy_in: null", "energy_in: grid")
    sentence = "both plugs of the bench are at 'grid'; leave energy_in out, or name the node that is fed"
    assert mistakes(write(tmp_path, {"x": converter("null")}, text)) == [
        f"child.yaml:19: bench.wiring.energy_in: {sentence}"
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("node: bulk, volts", "node: [bulk], volts", "child.yaml:9: device.parts.x.node: expected text, found a list"),
        ("block: converter", "block: [converter]", "child.yaml:9: device.parts.x: "),
        ("inside: bulk", "inside: {a: b}", "child.yaml:12: device.ports.grid.inside: expected text, found a mapping"),
        ("energy_in: null", "energy_in: [bulk]", "child.yaml:19: bench.wiring.energy_in: expected text, found a list"),
        ("port: grid}", "port: {a: b}}", "child.yaml:19: bench.wiring.port: expected text, found a mapping"),
        ("    x: {", "    1: {", "child.yaml:9: device.parts[1]: "),
    ],
)
def test_a_place_that_is_no_text_is_told_like_any_mistake(tmp_path, old, new, message):
    path = write(tmp_path, {"x": converter("null").replace("node: bulk", "node: bulk, volts")})
    text = path.read_text(encoding="utf-8").replace(old, new).replace(", volts", "")
    path.write_text(text, encoding="utf-8")
    assert any(found.startswith(message) for found in mistakes(path))


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        ("peak: 4 A", "peak must lie above rated: it is what an inrush may draw"),
        (
            "peak: 20 A, time_must: 100 ms",
            "time_must_not must not lie above time_must, or what must not trip lies above what must",
        ),
    ],
)
def test_a_curve_whose_borders_cross_is_refused(tmp_path, curve, sentence):
    text = DEVICE.replace("protection: {}", f"protection: {{curve: {{rated: 5 A, tick: 1 ms, {curve}}}}}")
    assert mistakes(write(tmp_path, {"x": converter("null")}, text)) == [
        f"child.yaml:17: device.ports.grid.protection.curve: {sentence}"
    ]


def test_two_recoveries_may_look_for_the_load_with_one_resistance(tmp_path):
    """They differ in the voltage alone: one pull-up does for both; resistances that print alike are two."""
    recovery = "recovery: {policy: load-removed, delay: 1 s, detect: {resistance: 1 kohm, above: 20 V}}"
    after = "policy: load-removed, delay: 1 s, detect: {resistance: %s, above: 30 V}"
    for ohms, expected in (("1 kohm", 1), ("1000.0000001 ohm", 2)):
        text = DEVICE.replace(
            "recovery: {policy: auto, delay: 1 s}", f"{recovery}\n      recovery_after: {{fast: {{{after % ohms}}}}}"
        )
        network = Network()
        wire_device(network, load_scene(write(tmp_path, {"x": converter("null")}, text)).device, Nodes({}))
        assert sum(name.startswith("device_grid_detect_") for name in network.elements) == expected

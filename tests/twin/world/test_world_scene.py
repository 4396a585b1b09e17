"""Scene files: what they merge to, and what a mistake in one reads like."""

import itertools
from pathlib import Path

import pytest

from rig.files.document import BadFile, names, resolve
from rig.twin.scene.load import load_scene, merge


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(BadFile) as caught:
        load_scene(path)
    return [str(mistake).removeprefix(str(path.parent) + "/") for mistake in caught.value.mistakes]


BAD_UNITS = "device:\n  ports: {grid: {recovery: {delay: 3 V}}}\n  parts: {converter: {voltage: 54}}\n"
CHILD = "schema: 1\nname: child\nextends: healthy\n"


def test_every_scene_that_ships_loads_under_its_own_name():
    assert {load_scene(resolve("scenes", name)).name for name in names("scenes")} == set(names("scenes"))


def test_merging_keeps_what_is_not_mentioned_and_null_replaces():
    base = {"a": {"x": 1, "y": 2}, "b": [1, 2], "c": {"z": 3}}
    assert merge(base, {"a": {"y": 5}, "b": [9], "c": None}) == {"a": {"x": 1, "y": 5}, "b": [9], "c": None}


def test_a_scene_overrides_one_value_and_inherits_the_rest():
    slow, healthy = (load_scene(resolve("scenes", name)) for name in ("slow-trip", "healthy"))
    assert slow.device.ports["grid"].protection.fast.delay == 900e-6
    assert slow.device.ports["grid"].protection.fast.current == healthy.device.ports["grid"].protection.fast.current
    assert slow.bench == healthy.bench


def test_a_scene_extends_a_file_beside_it(tmp_path):
    written(tmp_path / "middle.yaml", CHILD + "device: {serial: MID-1}\n")
    scene = load_scene(written(tmp_path / "child.yaml", "schema: 1\nname: child\nextends: middle.yaml\n"))
    assert (scene.name, scene.device.serial) == ("child", "MID-1")


def test_unknown_key_is_located_in_the_file_that_wrote_it(tmp_path):
    path = written(tmp_path / "child.yaml", CHILD + "device:\n  ports: {grid: {recovery: {polcy: auto}}}\n")
    allowed = "did you mean 'policy'?; allowed: policy, delay, delays, forget, detect, check, restart, sticks"
    assert mistakes(path) == [
        f"child.yaml:5: device.ports.grid.recovery.polcy: unknown key 'polcy' ({allowed})",
    ]


def test_wrong_unit_and_bare_number_are_reported_together(tmp_path):
    path = written(
        tmp_path / "child.yaml",
        CHILD + "device:\n  ports: {grid: {recovery: {delay: 3 V}}}\n  parts: {converter: {voltage: 54}}\n",
    )
    expected = 'expected a time in s, found "3 V" (a voltage)'
    assert mistakes(path) == [
        f'child.yaml:5: device.ports.grid.recovery.delay: {expected}; write for example "500 ms"',
        'child.yaml:6: device.parts.converter.voltage: write a quantity with a unit, for example "60 V"',
    ]


def test_physical_nonsense_is_refused(tmp_path):
    text = CHILD + "device:\n  ports: {grid: {capacitance: 0 F}}\n  control: {stop: 43 V}\n"
    assert mistakes(written(tmp_path / "child.yaml", text)) == [
        "child.yaml:5: device.ports.grid.capacitance: must be greater than 0",
        "child.yaml:6: device.control: stop must lie below start, or the device switches on and off for ever",
    ]


@pytest.mark.parametrize(
    ("text", "line", "path", "sentence"),
    [
        ("injector: {taps: {tap_9: 1 ohm}}", 5, "injector.taps.tap_9", "no contactor has this name (allowed: energy_"),
        ("cables: null", 5, "cables", "expected a mapping of keys to values, found nothing"),
        ("contactors: {tap_1: {pilot: 9}}", 5, "contactors.tap_1.pilot", "9 already belongs to 'tap_short'"),
        (
            "contactors: {tap_1: {pilot: 33}}",
            5,
            "contactors.tap_1.pilot",
            "33 is no channel of a waveshare_relay32 (allow",
        ),
        ("contactors: {tap_1: {aux: EIO0}}", 5, "contactors.tap_1.aux", "'EIO0' already belongs to 'energy_input'"),
        ("channels: {scope: {2: shunt}}", 5, "channels.scope[2]", "no transducer is named 'shunt' (allowed: port_div"),
        ("transducers: {gate_divider: {resistance: 1 ohm}}", 5, "transducers.gate_divider", "write ratio (a divider)"),
    ],
)
def test_names_that_refer_to_nothing(tmp_path, text, line, path, sentence):
    (message,) = mistakes(written(tmp_path / "child.yaml", CHILD + f"bench:\n  {text}\n"))
    assert message.startswith(f"child.yaml:{line}: bench.{path}: {sentence}")


def test_a_circle_of_scenes_is_named_with_its_line(tmp_path):
    written(tmp_path / "a.yaml", "schema: 1\nname: a\nextends: b.yaml\n")
    path = written(tmp_path / "b.yaml", "schema: 1\n\nname: b\nextends: a.yaml\n")
    (message,) = mistakes(path)
    assert message.startswith("a.yaml:3: extends: ")
    assert message.endswith("extends itself by way of 'b.yaml'; break the circle")


def test_a_scene_that_extends_itself(tmp_path):
    path = written(tmp_path / "a.yaml", "schema: 1\nname: a\nextends: a.yaml\n")
    assert mistakes(path)[0].startswith("a.yaml:3: extends: ")


def test_an_unknown_base_names_the_known_ones(tmp_path):
    path = written(tmp_path / "a.yaml", "schema: 1\nname: a\nextends: helthy\n")
    (message,) = mistakes(path)
    assert message.startswith("a.yaml:3: extends: no scene is named 'helthy' (did you mean 'healthy'?")


def test_a_missing_base_file(tmp_path):
    (message,) = mistakes(written(tmp_path / "a.yaml", "schema: 1\nname: a\nextends: gone.yaml\n"))
    assert message.startswith("a.yaml:3: extends: no such file: ")


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("ports.grid.switch.resistance", "1e-300 ohm", "must lie between 1 nohm and 1000 Gohm"),
        ("ports.grid.leakage", "1e300 ohm", "must lie between 1 nohm and 1000 Gohm"),
        ("ports.grid.capacitance", "1e-300 F", "must lie between 1 pF and 1 MF"),
        ("parts.converter.capacitance", "2 GF", "must lie between 1 pF and 1 MF"),
        ("parts.converter.voltage", "2 kV", "must lie between 1 uV and 1 kV"),
        ("parts.converter.current_limit", "2 MA", "must lie between 1 nA and 1 MA"),
        ("parts.converter.ratio", "1.0e-300", "must lie between 1e-6 and 1e6"),
        ("control.start_delay", "2e6 s", "must lie between 0 s and 1e6 s"),
    ],
)
def test_a_size_that_no_part_has_is_refused(tmp_path, path, text, sentence):
    keys = path.split(".")
    body = "device: " + "".join(f"{{{key}: " for key in keys) + text + "}" * len(keys) + "\n"
    assert mistakes(written(tmp_path / "child.yaml", CHILD + body)) == [f"child.yaml:4: device.{path}: {sentence}"]


def test_a_cable_of_next_to_no_inductance_is_refused(tmp_path):
    body = "bench: {cables: {load_line: {inductance: 1e-300 H}}}\n"
    assert mistakes(written(tmp_path / "child.yaml", CHILD + body)) == [
        "child.yaml:4: bench.cables.load_line.inductance: must lie between 1 pH and 1 kH"
    ]


def test_the_example_of_the_documentation_loads(tmp_path):
    lines = (Path(__file__).parents[3] / "docs" / "twin.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("    schema: 1")
    block = itertools.takewhile(lambda line: line.startswith("    "), lines[start:])
    scene = load_scene(written(tmp_path / "mine.yaml", "".join(f"{line[4:]}\n" for line in block)))
    assert (scene.name, next(iter(scene.device.defects)), len(scene.bench.faults)) == ("mine", "late-when-warm", 1)

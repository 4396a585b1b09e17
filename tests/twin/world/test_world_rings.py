"""Several devices on one grid: rings of three and four nodes, sources that share, faults that take one branch alone."""

import numpy as np
import pytest

from rig.files.document import BadFile
from rig.twin.device.nodes import DEVICE
from rig.twin.engine import truth
from rig.twin.engine.probe import v
from rig.twin.scene.load import load_scene
from tests.twin.operator import Operator, loaded

RINGS = {
    "ring-of-three": (DEVICE, "north", "south"),
    "ring-of-four": (DEVICE, "north", "east", "south"),
}
OHMS = 10.8  # of the bench's load: 5 A
GOES_ON = 36.0
LINES = [*(("ring-of-three", owner) for owner in RINGS["ring-of-three"]), ("ring-of-four", "east")]
"""A ring of four has no kind of line that is not in that of three, but the one between two sources."""


def started(scene, ohms=OHMS):
    """The ring with its sources on, and the load at the tested node."""
    lab = Operator(loaded(scene) if isinstance(scene, str) else scene, parts=("series_switch",))
    lab.close("energy_input", "load_line")
    lab.world.supply.set_voltage(54.0)
    lab.world.supply.set_current(25.0)
    lab.world.load.set_level("RES", ohms)
    lab.world.supply.set_output(True)
    lab.wait(0.5)
    lab.world.load.set_input(True)
    lab.wait(0.3)
    return lab


def inside(lab):
    """The voltage of each node's bus, and of each port a, where its loads are, by name."""
    ports = {name: device.ports["a"].volts for name, device in lab.world.devices.items()}
    return {name: v("device_bus" if name == DEVICE else f"{name}.bus") for name in lab.world.devices}, ports


def lowest(lab, probe, begin_ps):
    return -truth.peak(lab.sim, -probe, begin_ps, lab.now)[0]


@pytest.mark.parametrize("ring", RINGS)
def test_all_nodes_come_up_from_one_source_and_nothing_trips(ring):
    lab = started(ring)
    assert {name: device.state for name, device in lab.world.devices.items()} == dict.fromkeys(RINGS[ring], "on")
    assert lab.world.summary().others == dict.fromkeys(RINGS[ring][1:], "on")
    assert [device.trips for device in lab.world.devices.values()] == [[] for _ in RINGS[ring]]


@pytest.mark.parametrize("ring", RINGS)
def test_the_sources_share_as_their_droop_and_the_lines_have_it(ring):
    """Against the nodal equations of the ring: conductances and nothing else."""
    lab, owners = started(ring), RINGS[ring]
    sources = ("south", "east") if ring == "ring-of-four" else ()
    buses, _ = inside(lab)
    volts = np.array([lab.sim.value(buses[name]) for name in owners])
    switch, line, droop, lamp, n = 10e-3, 60e-3, 0.2, 54.0, len(owners)
    matrix, drive = np.zeros((n, n)), np.zeros(n)
    for k in range(n):  # each node's line leaves its port c for the next one's port b
        for one, other in ((k, (k + 1) % n), ((k + 1) % n, k)):
            matrix[one, one] += 1 / (line + 2 * switch)
            matrix[one, other] -= 1 / (line + 2 * switch)
        matrix[k, k] += 1 / 2200.0 + 2 / 33e3  # electronics, and the leakages of b and c behind their switches
        if owners[k] in ("south", "east"):
            matrix[k, k] += 1 / (switch + 1 / (1 / lamp + 1 / 33e3))
        if owners[k] in sources:
            matrix[k, k] += 1 / droop
            drive[k] += 54.0 / droop
    fed, loaded_at = owners.index("north"), owners.index(DEVICE)
    given = lab.sim.value(-lab.world.devices["north"].ports["a"].series.current)
    drive[fed] += given
    drive[loaded_at] -= lab.sim.value(lab.world.device.ports["a"].series.current)
    assert volts == pytest.approx(np.linalg.solve(matrix, drive), abs=4e-3)  # a converter has a bleeder
    shares = [(54.0 - volts[k]) / droop for k in range(n) if owners[k] in sources]
    assert all(0.3 < share < 4.0 for share in shares)
    assert given > 1.0
    lamps = sum(owner in ("south", "east") for owner in owners)
    assert given + sum(shares) == pytest.approx(5.0 + lamps, abs=0.3)


def test_two_sources_share_while_the_third_is_away_and_every_load_goes_on():
    lab = started("ring-of-four")
    begin = lab.now
    lab.world.supply.set_output(False)
    lab.wait(0.3)
    assert [device.trips for device in lab.world.devices.values()] == [[]] * 4
    assert all(lowest(lab, probe, begin) >= GOES_ON for probe in inside(lab)[1].values())
    buses, _ = inside(lab)
    shares = [(54.0 - lab.sim.value(buses[name])) / 0.2 for name in ("south", "east")]
    assert sum(shares) == pytest.approx(7.0, abs=0.3)
    assert all(2.5 < share < 4.5 for share in shares)


@pytest.mark.parametrize(("ring", "owner"), LINES)
def test_any_line_may_be_open_and_every_load_goes_on(ring, owner):
    lab = started(ring)
    begin = lab.now
    lab.sim.set_switch("device_line_c" if owner == DEVICE else f"{owner}.line_c", on=False)
    lab.wait(0.2)
    assert all(lowest(lab, probe, begin) >= GOES_ON for probe in inside(lab)[1].values())
    assert [device.trips for device in lab.world.devices.values()] == [[] for _ in RINGS[ring]]


@pytest.mark.parametrize("ring", RINGS)
def test_a_short_at_one_branch_takes_that_alone(ring):
    lab = started(ring)
    begin = lab.now
    lab.inject("tap_short", 0.2)
    _, ports = inside(lab)
    assert lab.world.device.ports["a"].state == "tripped"
    others = {name: probe for name, probe in ports.items() if name != DEVICE}
    assert all(lowest(lab, probe, begin) >= GOES_ON for probe in others.values())
    assert [device.trips for name, device in lab.world.devices.items() if name != DEVICE] == [[]] * len(others)
    lab.wait(1.5)
    assert lab.world.device.ports["a"].state == "on"


FAULT = """
  pit: {block: resistor, node: pit, resistance: 5 mohm}
  spade:
    {block: segment, a: half_way, b: pit, resistance: 5 mohm,
     opened: [{at: 0 s, for: 1.2 s}, {at: 1.7 s, for: 1000 s}]}
"""


def short_line(tmp_path, ring, owner):
    """The ring with a short of 10 mohm in the middle of a node's line, from 1.2 to 1.7 s."""
    device = f"device:\n parts:{FAULT}"
    where = device if owner == DEVICE else "others:\n " + owner + ":\n  " + device.replace("\n", "\n  ")
    (tmp_path / "short.yaml").write_text(f"schema: 1\nname: short\nextends: {ring}\n{where}\n", encoding="utf-8")
    return load_scene(tmp_path / "short.yaml")


@pytest.mark.parametrize(("ring", "owner"), LINES)
def test_a_short_in_a_line_opens_both_its_ends_and_everything_else_goes_on(tmp_path, ring, owner):
    lab = started(short_line(tmp_path, ring, owner))
    begin = lab.now
    lab.wait(0.6)
    owners = RINGS[ring]
    after = owners[(owners.index(owner) + 1) % len(owners)]
    ports = [(who, port, one) for who, device in lab.world.devices.items() for port, one in device.ports.items()]
    tripped = {(who, port) for who, port, one in ports if one.trips}
    assert tripped == {(owner, "c"), (after, "b")}
    assert all(lowest(lab, probe, begin) >= GOES_ON for probe in inside(lab)[1].values())
    lab.wait(1.5)
    assert all(one.state == "on" for _, _, one in ports)


def mistakes(tmp_path, others, wiring="{energy_in: b, port: a}"):
    (tmp_path / "x.yaml").write_text(
        f"schema: 1\nname: x\nextends: ring-node\nothers: {others}\nbench: {{wiring: {wiring}}}\n", encoding="utf-8"
    )
    with pytest.raises(BadFile) as bad:
        load_scene(tmp_path / "x.yaml")
    return [f"{one.path}: {one.message}" for one in bad.value.mistakes]


NODES = "allowed: a, b, bus, c, c_far, half_way"


@pytest.mark.parametrize(
    ("others", "wiring", "sentence"),
    [
        ("{n: {scene: ring-mode, joined: {b: c_far}}}", None, "others.n.scene: no scene is named 'ring-mode'"),
        ("{n: {joined: {b: c_far}}}", None, "others.n.device: missing key"),
        ("{n: {scene: ring-node, device: 5, joined: {b: c_far}}}", None, "others.n.device: "),
        ("{n: 5}", None, "others.n: "),
        (
            "{device: {scene: ring-node, joined: {b: c_far}}}", None,
            "others.device: the tested device has this name; take another one",
        ),
        (
            "{n: {scene: ring-node, joined: {d: c_far}}}", None,
            f"others.n.joined.d: it has no node or port 'd' ({NODES})",
        ),
        ("{n: {scene: ring-node, joined: {b: far}}}", None, f"others.n.joined.b: nothing hangs at 'far' ({NODES})"),
        (
            "{n: {scene: ring-node, joined: {b: m.c_far}}}", None,
            "others.n.joined.b: no other stands before it with the name 'm' (allowed: nothing)",
        ),
        (
            "{n: {scene: ring-node, joined: {b: c}}}", None,
            "others.n.joined.b: another port is at 'c': put a line (segment) between",
        ),
        (
            "{n: {scene: ring-node, joined: {b: c_far}}, m: {scene: ring-node, joined: {a: c_far}}}", None,
            "others.m.joined.a: another port is at 'c_far': put a line (segment) between",
        ),
        (
            "{n: {scene: ring-node, joined: {b: c_far}}}", "{energy_in: m.a, port: a}",
            "bench.wiring.energy_in: no other has the name 'm' (allowed: n)",
        ),
        (
            "{n: {scene: ring-node, joined: {b: c_far}}}", "{energy_in: n.d, port: a}",
            f"bench.wiring.energy_in: n has no node or port 'd' ({NODES})",
        ),
        (
            "{n: {scene: ring-node, joined: {b: c_far}}}", "{energy_in: n.b, port: a}",
            "bench.wiring.energy_in: n is joined to 'c_far' there: plug in at that",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_others_is_said(tmp_path, others, wiring, sentence):
    told = mistakes(tmp_path, others, *([wiring] if wiring else []))
    assert any(one.startswith(sentence) for one in told), told

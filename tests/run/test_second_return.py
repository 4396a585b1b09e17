"""A volt between grounds: sound devices pass, defects fail, and the bench shows that it was there and ends safe."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rig.bench.file import load_bench
from rig.faults import SecondReturn
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.measure import Capture, Record, Trace
from rig.run.case import Case
from rig.run.duty import supply_gap
from rig.run.grounds import FOUND, ground_current
from rig.run.needs import missing, unfit
from rig.run.parameters import checked
from rig.run.wired import SUPPLY_OVP, grounds_ceiling, route_refusals, topology_refusals
from rig.standard import covered, load_clauses
from tests.run.conftest import verdicts
from tests.run.test_feeding import judged, with_defect

FULL, TWIN = (load_bench(resolve("benches", name)) for name in ("full", "twin"))
CASE = Case("GND-01", SecondReturn("1 V", current="3 A"))
ASKED = ("run", "grounds", "--bench", "full", "--out", "run")


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def found(run) -> dict[str, tuple[str, float]]:
    """Verdict and value of what was judged, by measurand."""
    return {
        measurand: (entry["decision"]["verdict"], entry["measurement"]["value"])
        for (_, measurand), entry in verdicts(run).items()
    }


def test_what_flows_through_a_joined_ground_is_what_the_twin_knows(rig, served, tmp_path):
    twin = served(bench="full", device="charge-controller", scene="charge-controller", seed=3)
    done = rig("run", "grounds", "--bench", twin.bench, "--device", "charge-controller", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    (entry,) = judged(tmp_path / "run", "GND-01", "ground_current")
    log = [line.split() for line in twin.truth.ask("log")["lines"]]
    _, closed, _ = [int(line[0]) for line in log if line[1:] == ["contactor", "second_return", "in"]]
    truth = twin.truth.ask("peak", probe="ground_current", from_ps=closed + 10**12, to_ps=closed + 2 * 10**12)["value"]
    assert truth == pytest.approx(1.0 / 0.5201, rel=0.1), "Ohm's law: a volt, the lead, and 50 mohm in the device"
    assert abs(entry["measurement"]["value"] - truth) < entry["U"] < 0.02
    assert "supply-at-its-limit" not in entry["measurement"]["flags"]
    twin.truth.assert_safe()


@pytest.mark.parametrize(
    ("name", "scene", "defect", "failing"),
    [
        ("reference", "healthy", "grounded-screen: default", {"ground_current"}),
        ("reference", "healthy", "shy-of-ground: default", {"status_floor", "changed_parameters"}),
        ("appliance", "appliance", "shy-of-ground: default", {"status_floor", "changed_parameters"}),
    ],
)
def test_defects_that_a_second_return_shows(rig, tmp_path, name, scene, defect, failing):
    with_defect(tmp_path, scene, defect)
    done = rig(*ASKED, "--device", name, "--scene", "scene.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    told = found(tmp_path / "run")
    assert {name for name, (verdict, _) in told.items() if verdict == "FAIL"} == failing
    if "ground_current" in failing:  # 1 V with the error of the supply, through 470 and 100 mohm
        assert told["ground_current"][1] == pytest.approx(1.0 / 0.5701, rel=0.1)
    again = rig("rejudge", "run", "--out", "again")
    assert again.returncode == 1, again.stdout + again.stderr
    assert found(tmp_path / "again") == told


def test_a_plug_that_is_not_in_is_no_pass(rig, tmp_path):
    """The charge controller's maker says that the grounds are joined, and nothing flows."""
    text = "schema: 1\nname: one\nextends: charge-controller\ndevice: {signal_ground: {resistance: 1 Gohm}}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig(*ASKED, "--device", "charge-controller", "--scene", "scene.yaml")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "look at the plug at its data connector" in done.stdout
    assert "PASS" not in {verdict for verdict, _ in found(tmp_path / "run").values()}


@pytest.mark.parametrize(
    ("fault", "part", "named"),
    [("broken", "second_return", "second_return"), ("welded", "second_return", "second_return"),
     ("channel_open", "daq.AIN8", "ground_current (AIN8 behind ground_shunt)")],
)  # fmt: skip
def test_a_second_return_that_is_not_as_the_file_says_is_found_by_the_proof(rig, tmp_path, fault, part, named):
    text = f"schema: 1\nname: wrong\nextends: healthy\nbench: {{faults: [{{fault: {fault}, part: {part}}}]}}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig(*ASKED, "--scene", "scene.yaml")
    assert done.returncode == 3, done.stdout + done.stderr
    assert named in done.stdout + done.stderr
    assert not verdicts(tmp_path / "run")


def test_killed_with_a_volt_between_grounds(started_rig, served, tmp_path):
    twin = served(bench="full", seed=1, pace=1.0)
    process = started_rig("run", "grounds", "--bench", twin.bench, "--out", "run")
    twin.truth.until_beside(tmp_path / "run", "second_return")
    process.kill()
    text, _ = process.communicate(timeout=120)  # until the guard, which has its pipe, has ended too
    assert "the guard made the bench safe" in text
    twin.truth.assert_safe()


def test_who_is_put_through_it_and_on_which_bench():
    assert [unfit(CASE, device(name)) for name in ("reference", "small-battery", "appliance")] == [""] * 3
    assert unfit(CASE, device("ac-adapter")) == "it is for a device with a data connector"
    assert missing(CASE, FULL, device("reference")) == []
    assert missing(CASE, TWIN, device("reference")) == [
        "a switched second return from a neighbour (contactor second_return)",
        "a shunt in the second return (signal ground_current)",
    ]
    assert checked(CASE.fault)
    rows = {row.clause: row for row in covered(load_clauses(), device("ac-adapter"), [])}
    assert rows["GND-01"].reason == "does not apply: ac-adapter has no data connector"
    assert load_clauses().find("GND-01").evidence == ("ground_current", "status_floor")


@pytest.mark.parametrize(
    "name",
    [
        "reference",
        "charge-controller",
        "small-battery",
        "appliance",
        "grid-node",
        "ac-inverter",
        "limiter",
        "ring-node",
    ],
)
def test_the_topology_of_the_full_bench_lets_it_be_closed(name):
    assert topology_refusals(CASE, None, FULL, device(name)) == []


def test_with_the_supply_backwards_at_the_port_it_would_be_60_v_and_is_refused():
    """58.5 V backwards and 1.5 V at the screen, each with what may come on top before its protection acts."""
    told, port = FULL.topology, device("reference").port
    both = ("reverse_line", "second_return")
    (sentence,) = route_refusals(told, both, SUPPLY_OVP, port, neighbour=grounds_ceiling(CASE.fault))
    assert sentence.startswith("the supply 58.8 V + the neighbour 1.8 V = 60.6 V between ")
    assert "reverse_line (supply+ to return)" in sentence
    bench = FULL.model_copy(update={"routes": {**FULL.routes, "forward": both}})
    assert any("= 60.6 V between " in one for one in topology_refusals(CASE, None, bench, device("reference")))


def shot(volts_at_shunt: float, *, isolated: bool, noise: float = 0.0) -> SimpleNamespace:
    """0.4 s without and 2 s with a current, in steps of 10 uA."""
    codes = np.zeros(6000, dtype=np.int32)
    codes[1000:] = round(volts_at_shunt / 20e-3 / 1e-5)
    trace = Trace("ground_current", "A", codes, 1e-5, 0.0, 1 / 2500.0, 0.0, -(2**30), 2**30)
    port = device("reference").port
    ground = port.signal_ground.model_copy(update={"isolated": isolated})
    one = SimpleNamespace(
        case=CASE, port=port.model_copy(update={"signal_ground": ground}), fed_level=None,
        taken=SimpleNamespace(spans={"zero": (0.0, 0.3), FOUND: (0.4, 2.3)}),
        served=SimpleNamespace(feed="input_voltage"),
        capture=Capture({"slow": Record("slow", {"ground_current": trace}, triggered=True)}),
    )  # fmt: skip
    one.ground_current = lambda: ground_current(one)
    return one


def test_a_current_at_the_neighbours_limit_is_a_bound():
    free, held = ground_current(shot(40e-3, isolated=False)), ground_current(shot(56e-3, isolated=False))
    assert (free.value, free.bound) == (pytest.approx(2.0), None)
    assert (held.value, held.bound) == (pytest.approx(2.8), "lower")
    assert "supply-at-its-limit" in held.flags


def test_only_a_joined_ground_has_to_carry_something():
    assert supply_gap(shot(0.0, isolated=True)) is None
    assert supply_gap(shot(2e-3, isolated=False)) is None
    assert supply_gap(shot(0.0, isolated=False)) == (
        "the second return carried 0 mA, and its maker says that the signal ground is joined to the return; look at "
        "the plug at its data connector"
    )

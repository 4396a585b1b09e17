"""A line that comes off under load: sound devices come back, and the rig sees that the line was off."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rig.bench.file import load_bench
from rig.faults import Lifted
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.measure import Capture, Record, Trace
from rig.run.case import Case
from rig.run.duty import supply_gap
from rig.run.needs import missing, unfit
from tests.run.test_feeding import judged, with_defect

FULL = load_bench(resolve("benches", "full"))


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_a_sound_source_is_back_after_what_its_start_takes(rig, tmp_path):
    done = rig("run", "feeding", "-k", "lifted", "--out", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    (back,) = judged(tmp_path / "run", "OPN-01", "recovery_time")
    assert back["measurement"]["value"] == pytest.approx(
        0.064, abs=0.002
    )  # 50 ms of delay, 10 ms of ramp, its soft start


def test_a_lifted_load_lifts_a_slow_converter_by_as_much_as_the_twin_knows(rig, served, tmp_path):
    with_defect(tmp_path, "healthy", "slow-loop: default")
    twin = served(scene=str(tmp_path / "scene.yaml"), seed=3)
    done = rig("run", "source_port", "--bench", twin.bench, "-k", "lifted", "--out", "run")
    assert done.returncode == 1, done.stdout + done.stderr
    (peak,) = judged(tmp_path / "run", "OPN-01", "port_voltage_peak")
    assert peak["decision"]["verdict"] == "FAIL"
    log = [line.split() for line in twin.truth.ask("log")["lines"]]
    breaks = [int(line[0]) for line in log if line[-2:] == ["load_line", "breaks"]]
    truths = [
        twin.truth.ask("peak", probe="port_voltage", from_ps=t - 10**9, to_ps=t + 10**11)["value"] for t in breaks
    ]
    assert abs(peak["measurement"]["value"] - max(truths)) < peak["U"]
    assert max(truths) > 60.0


def shot(amps: float) -> SimpleNamespace:
    codes = np.full(2500, round(amps * 1000), dtype=np.int32)
    trace = Trace("port_current", "A", codes, 1e-3, 0.0, 1 / 2500.0, 0.0, -(2**30), 2**30)
    capture = Capture({"slow": Record("slow", {"port_current": trace}, triggered=True)})
    taken = SimpleNamespace(spans={"off": (0.1, 0.9)})
    port = device("reference").port
    return SimpleNamespace(case=Case("OPN-01", Lifted("load")), taken=taken, capture=capture, port=port)


def test_a_line_that_still_carried_current_was_not_lifted():
    assert supply_gap(shot(0.4)) is None
    assert supply_gap(shot(4.5)) == (
        "the port carried 4.5 A with a line lifted that it takes; look at the line's contactor"
    )
    nobody = shot(0.0)
    nobody.capture = Capture({"slow": Record("slow", {}, triggered=True)})
    assert "nobody saw the current" in supply_gap(nobody)


def test_who_is_put_through_it():
    feed, load_line = Case("OPN-01", Lifted("feed")), Case("OPN-01", Lifted("load"))
    assert (unfit(feed, device("reference")), unfit(load_line, device("reference"))) == ("", "")
    assert "small-battery lives on its own" in unfit(feed, device("small-battery"))
    assert unfit(load_line, device("appliance")) == "it is for a port that gives current"
    assert missing(feed, FULL, device("appliance")) == []
    with pytest.raises(ValueError, match='Lifted: line must be "feed" or "load"'):
        Lifted("both")  # type: ignore[arg-type]

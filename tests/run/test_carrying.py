"""A rated current that lasts: how it is looked at, and that a connector which becomes too warm fails."""

from __future__ import annotations

from contextlib import contextmanager
from math import exp
from types import SimpleNamespace

import pytest

from rig.faults import Carry, feed
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.carrying import APART_S, LOOK_S, LOOKS, carry
from rig.run.case import Case
from rig.run.perform import Taken
from tests.run.test_feeding import judged, with_defect

REFERENCE, APPLIANCE, ADAPTER = (
    load(resolve("devices", name), Device) for name in ("reference", "appliance", "ac-adapter")
)


@pytest.mark.parametrize(
    ("scene", "device", "defect", "verdict", "ohms", "amps"),
    [
        ("healthy", "reference", None, "PASS", 2e-3, 5.0),
        ("healthy", "reference", "loose-connector: default", "FAIL", 17e-3, 5.0),
        ("small-battery", "small-battery", "loose-connector: default", "FAIL", 17e-3, 4.5),
        ("appliance", "appliance", "thin-line: default", "FAIL", 16e-3, 4.15),
    ],
)
def test_a_connector_is_as_warm_as_its_contact_makes_it(rig, tmp_path, scene, device, defect, verdict, ohms, amps):
    if defect is not None:
        with_defect(tmp_path, scene, defect)
    asked = ("source_port", "feeding", "--only", "PWR-03", "--bench", "full", "--device", device, "--out", "run")
    done = rig("run", *asked, "--scene", scene if defect is None else "scene.yaml")
    assert done.returncode == (0 if verdict == "PASS" else 1), done.stdout + done.stderr
    found = judged(tmp_path / "run", "PWR-03", "connector_rise")
    assert len(found) == (1 if device == "small-battery" else 2)
    warm = found[-1]  # an appliance takes more on its maximum
    assert warm["decision"]["verdict"] == verdict
    value, U = warm["measurement"]["value"], warm["U"]
    assert abs(value - 200.0 * ohms * amps**2) <= U
    assert 3.0 < U < 6.0
    for one in judged(tmp_path / "run", "PWR-03", "carried_current"):
        assert one["decision"]["verdict"] == "PASS"
    if defect is not None and device == "reference":
        again = rig("rejudge", "run", "--limits", "draft-48v", "--out", "again")
        assert again.returncode == 1, again.stdout + again.stderr
        assert judged(tmp_path / "again", "PWR-03", "connector_rise")[-1]["measurement"] == warm["measurement"]


def test_a_node_whose_line_drops_too_much_fails_by_its_voltage(rig, tmp_path):
    with_defect(tmp_path, "grid-node", "bad-joint: default")
    asked = ("source_port", "--only", "PWR-03", "--bench", "full", "--device", "grid-node", "--out", "run")
    assert rig("run", *asked, "--scene", "scene.yaml").returncode == 1
    floors = judged(tmp_path / "run", "PWR-03", "voltage_floor")
    assert [one["decision"]["verdict"] for one in floors] == ["FAIL", "FAIL"]
    assert floors[0]["measurement"]["value"] == pytest.approx(42.15 - 5.0 * 4.09 - 0.6, abs=1.0)  # two joints of 2 ohm


def test_a_bench_without_thermometers_does_not_test_it(rig, tmp_path):
    done = rig("run", "source_port", "--only", "PWR-03", "--out", "run")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "a thermometer at the connector of the device's port" in " ".join(done.stdout.split())


class Lab:
    """A stage in which time passes; its connector ends `end` K above a room of 23 degC, after `tau` s."""

    rate = 2500.0

    def __init__(self, device, *, end=20.0, tau=90.0) -> None:
        self.port, self.fed, self.clock, self.monitor = device.port, feed(device), self, self
        self.end, self.tau, self.t, self.seen, self.checks = end, tau, 0.0, 0.0, 0
        self.told: list[tuple[float, str, float]] = []
        self.held_for = 0.0
        self.equipment = SimpleNamespace(
            load=SimpleNamespace(set_current=self.tells("load"), input=lambda _: None),
            supply=SimpleNamespace(set_voltage=self.tells("supply")),
        )

    def tells(self, who):
        return lambda value: self.told.append((self.t, who, value))

    @contextmanager
    def resting(self):
        yield

    @contextmanager
    def held(self, seconds):
        self.held_for = seconds
        yield

    def sleep(self, seconds):
        assert seconds >= 0.0
        self.t += seconds

    def wait(self, seconds):
        self.t += seconds
        self.seen += seconds

    def now(self):
        return round(self.seen * self.rate)

    def look(self, signal, seconds):
        assert seconds == LOOK_S
        return 23.0 + (self.end * (1.0 - exp(-self.t / self.tau)) if signal == "connector_temperature" else 0.0)

    def check_interlock(self):
        self.checks += 1

    def wait_until(self, reached, _seconds):
        return reached()

    def served(self, _seconds):
        return True

    def energise(self): ...

    await_port = energise


def carried(lab, told="minimum", hold="40 min"):
    taken, case = Taken(None), Case("PWR-03", Carry(told), hold=hold)
    carry(case, case.fault, lab, taken, lambda: None)
    return taken


def looks(taken):
    return [span for name, span in taken.spans.items() if name.startswith("look ")]


def test_it_is_looked_at_every_minute_until_it_gets_no_warmer():
    lab = Lab(REFERENCE)
    taken = carried(lab)
    found = looks(taken)
    at = [k * APART_S for k in range(1, 41)]
    moved = [20.0 * (exp(-one / 90.0) - exp(-(one + 2 * APART_S) / 90.0)) for one in at]
    assert len(found) == next(k for k, one in enumerate(moved) if one <= 0.25) + 3
    assert all(end - begin == pytest.approx(LOOK_S) for begin, end in found)
    assert lab.checks == len(found) + 1
    assert lab.held_for == 2400.0 + APART_S
    assert [(who, value) for _, who, value in lab.told] == [("load", 5.0), ("supply", 40.15), ("supply", 48.0)]
    assert taken.spans["level"] == (found[0][0], taken.spans["carried"][1])
    assert taken.spans["after"][0] >= taken.spans["carried"][1]


@pytest.mark.parametrize(("hold", "number"), [("10 min", 10), ("1 min", LOOKS)])
def test_what_goes_on_warming_is_looked_at_for_the_hold(hold, number):
    lab = Lab(REFERENCE, end=300.0, tau=3600.0)
    assert len(looks(carried(lab, hold=hold))) == number


def test_a_consumer_takes_what_it_takes():
    lab = Lab(APPLIANCE)
    carried(lab, "maximum")
    assert [(who, value) for _, who, value in lab.told] == [("supply", 58.0), ("supply", 52.0)]


def test_nobody_feeds_what_lives_on_its_own():
    lab = Lab(ADAPTER)
    taken = carried(lab, None)
    assert [(who, value) for _, who, value in lab.told] == [("load", 4.2)]
    assert "level" not in taken.spans
    assert "after" not in taken.spans
    assert len(looks(taken)) >= LOOKS

"""A day of a household at a port: what is looked at, how often, and that a port which becomes too warm fails."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rig.device.registers import DeviceSilent
from rig.faults import Day
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.run.a_day import APART_S, day
from rig.run.case import Case
from rig.run.counted import highest_told
from rig.run.perform import Taken
from tests.run.test_feeding import judged, with_defect

REFERENCE = load(resolve("devices", "reference"), Device)
FAULT = Day("50 W", "250 W")


def test_a_switch_that_is_worn_is_too_warm_by_the_device_itself(rig, tmp_path):
    with_defect(tmp_path, "healthy", "worn-switch: default")
    asked = ("source_port", "-k", "PWR-02", "--bench", "full", "--scene", "scene.yaml", "--out", "run")
    done = rig("run", *asked)
    assert done.returncode == 1, done.stdout + done.stderr
    (floor,) = judged(tmp_path / "run", "PWR-02", "status_floor")
    (warm,) = judged(tmp_path / "run", "PWR-02", "device_temperature")
    assert floor["decision"]["verdict"] == "PASS"
    assert warm["decision"]["verdict"] == "FAIL"
    # 0.4 ohm carry 4.5 A for five minutes: 20 K/W above 25 degC, near enough to the end after five time constants
    assert warm["measurement"]["value"] == pytest.approx(25.0 + 20.0 * 0.4 * 4.43**2, abs=6.0)
    again = rig("rejudge", "run", "--limits", "draft-48v", "--out", "again")
    assert again.returncode == 1, again.stdout + again.stderr
    assert judged(tmp_path / "again", "PWR-02", "device_temperature")[0]["measurement"] == warm["measurement"]


class Lab:
    """A stage in which time passes; the device says how warm it is, if it says anything."""

    rate = 2500.0

    def __init__(self, told=None) -> None:
        self.port, self.told, self.clock, self.monitor, self.registers = REFERENCE.port, told, self, self, self
        self.t, self.seen, self.rests, self.checks = 0.0, 0.0, 0, 0
        self.drawn: list[tuple[float, float]] = []
        self.equipment = SimpleNamespace(load=SimpleNamespace(set_resistance=self.drew, input=lambda _: None))

    def drew(self, ohms):
        self.drawn.append((self.t, self.port.voltage**2 / ohms))

    def resting(self):
        lab = self

        class Rest:
            def __enter__(self):
                lab.rests += 1

            def __exit__(self, *_):
                return False

        return Rest()

    def sleep(self, seconds):
        assert seconds >= 0.0
        self.t += seconds

    def wait(self, seconds):
        self.t += seconds
        self.seen += seconds

    def now(self):
        return round(self.seen * self.rate)

    def number(self, _register):
        if self.told is None:
            raise DeviceSilent("nobody there")
        return self.told(self.t)

    def check_interlock(self):
        self.checks += 1

    def energise(self): ...

    await_port = energise


def test_it_is_looked_at_every_five_minutes_and_drawn_as_the_profile_has_it():
    lab, taken = Lab(lambda t: 250 + round(t / 3600.0)), Taken(None)
    day(Case("PWR-02", FAULT), FAULT, lab, taken, lambda: None)
    assert lab.t == pytest.approx(24 * 3600.0, abs=0.1)
    assert lab.rests == lab.checks - 1 == len(taken.temperatures) == pytest.approx(24 * 3600.0 / APART_S, abs=4)
    assert [watts for _, watts in lab.drawn] == pytest.approx([watts for _, watts in FAULT.profile])
    assert max(taken.temperatures) == pytest.approx(27.4)
    begin, end = taken.spans["day"]
    assert end - begin == pytest.approx(lab.seen)


def test_a_device_that_does_not_say_how_warm_it_is_has_no_temperature():
    lab, taken = Lab(), Taken(None)
    day(Case("PWR-02", FAULT), FAULT, lab, taken, lambda: None)
    assert taken.temperatures == []
    found = highest_told(taken.temperatures, REFERENCE.port.temperature)
    assert (found.outcome, found.value, found.flags) == ("Unresolved", None, ("device-silent",))


def test_the_highest_of_what_was_told_is_as_sure_as_its_maker_says():
    found = highest_told([25.0, 61.3, 40.0], REFERENCE.port.temperature)
    assert (found.value, found.unit) == (61.3, "degC")
    assert pytest.approx(1.9, abs=0.1) == found.U  # 95 % of a rectangle of 2 K

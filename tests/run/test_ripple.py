"""Alternating voltage on top of the feed: who fails with it, that the bench put it there, and that its end is safe."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from rig.bench.file import load_bench
from rig.faults import Base, Ripple, prospective
from rig.files.device import Device
from rig.files.document import load, resolve
from rig.measure import Capture, Record, Trace
from rig.run.case import Case
from rig.run.duty import supply_gap
from rig.run.needs import missing, unfit
from rig.run.wired import SUPPLY_OVP, ceiling, topology_refusals
from tests.run.conftest import verdicts
from tests.run.test_feeding import judged, with_defect

FULL = load_bench(resolve("benches", "full"))
ASKED = ("run", "feeding", "--bench", "full", "--out", "run", "-k")


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def test_a_device_that_takes_it_for_a_power_failure_fails(rig, tmp_path):
    with_defect(tmp_path, "healthy", "ripple-shy: default")
    done = rig(*ASKED, "ripple", "--scene", "scene.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    found = {one["case"]: one for one in judged(tmp_path / "run", "NSE-01", "status_floor")}
    assert {case: (one["decision"]["verdict"], one["measurement"]["value"]) for case, one in found.items()} == {
        "NSE-01-ripple-of-1-V": ("PASS", 1.0), "NSE-01-ripple-of-4-V": ("FAIL", 3.0)
    }  # fmt: skip


def test_a_ripple_that_never_came_is_no_pass(rig, tmp_path):
    text = "schema: 1\nname: wrong\nextends: healthy\nbench: {faults: [{fault: amplifier_bypassed, part: amplifier}]}\n"
    (tmp_path / "scene.yaml").write_text(text, encoding="utf-8")
    done = rig(*ASKED, "ripple and 1-V", "--scene", "scene.yaml")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the feed was to have 1 V of 50 Hz from peak to peak, and had 0.0" in done.stdout
    assert "look at the amplifier, its bypass and the generator" in done.stdout
    assert "PASS" not in {entry["decision"]["verdict"] for entry in verdicts(tmp_path / "run").values()}


def test_killed_with_a_ripple_on_the_feed(started_rig, served, tmp_path):
    twin = served(bench="full", seed=1, pace=1.0)
    process = started_rig("run", "feeding", "--bench", twin.bench, "--out", "run", "-k", "ripple and 1-V")
    twin.truth.until_logged("amplifier in the feed")
    process.kill()
    text, _ = process.communicate(timeout=120)  # until the guard, which has its pipe, has ended too
    assert "the guard made the bench safe" in text
    twin.truth.assert_safe()
    (*_, last) = [line for line in twin.truth.ask("log")["lines"] if "amplifier" in line]
    assert last.endswith("amplifier bypassed")


def test_its_frequencies_last_for_as_many_periods_and_for_one_of_the_mains_at_least():
    fault = Ripple("4 V", ("50 Hz", "200 Hz", "25 kHz"))
    assert fault.seconds(0.5) == (0.5, 0.125, 0.02)
    assert fault.label == "ripple of 4 V"
    case = Case("NSE-01", fault, hold="500 ms", watch="1 s")
    assert case.longest_s(device("reference").port) == pytest.approx(1.645)
    for wrong in (("4 A",), ("0 V",), ("4 V", ()), ("4 V", ("50 V",))):
        with pytest.raises(ValueError, match="Ripple: "):
            Ripple(*wrong)


def test_none_of_its_frequencies_stands_still_in_a_slow_record():
    """Sampled at 2.5 kHz and averaged over a period of the mains, what is left of each but the mains is little."""
    times = [k / 2.5e3 for k in range(50)]
    for hertz in Ripple("1 V").hertz[1:]:
        mean = abs(sum(math.e ** (2j * math.pi * hertz * t) for t in times)) / len(times)
        assert mean < 0.12, hertz


def test_the_supply_gives_way_by_as_much_as_the_amplifier_may_add():
    case, reference = Case("NSE-01", Ripple("4 V")), device("reference")
    assert ceiling(case, FULL) == SUPPLY_OVP - 2.5
    assert topology_refusals(case, None, FULL, reference) == []
    fed = reference.energy_input.model_copy(update={"nominal": 56.0})
    (refusal,) = topology_refusals(case, None, FULL, reference.model_copy(update={"energy_input": fed}))
    assert refusal == (
        "ripple of 4 V takes an over-voltage protection of the supply at 56 V, for what the amplifier may add, and "
        "reference is fed with 56 V"
    )


def test_who_is_put_through_it_and_on_which_bench():
    case, reference = Case("NSE-01", Ripple("4 V")), device("reference")
    assert (unfit(case, reference), missing(case, FULL, reference)) == ("", [])
    assert "ac-adapter lives on its own" in unfit(case, device("ac-adapter"))
    assert missing(case, FULL.model_copy(update={"amplifier": None}), reference) == ["an amplifier in the feed"]
    assert missing(Case("NSE-01", Ripple("5.1 V")), FULL, reference) == ["an amplifier of 5.1 V from peak to peak"]
    assert missing(Case("NSE-01", Ripple("4 V"), hold="20 s"), FULL, reference) == [
        "an amplifier that stays in the feed for 32.12 s"
    ]


def test_what_it_drives_into_a_consumer_lasts_for_all_its_frequencies():
    appliance = device("appliance")
    expected = prospective(Ripple("4 V", ("50 Hz", "25 kHz")), Base(load=0.0), 0.5, appliance.port, FULL, appliance)
    assert expected.energy == pytest.approx(52.0 * 5.0 * 0.52)


def test_a_feed_that_the_ripple_took_along_is_the_benchs_fault():
    t = np.arange(0.0, 4.0, 4e-4)
    volts = 48.0 + np.where((t > 1.0) & (t < 1.7), 0.5 * np.sin(2 * np.pi * 50 * t), 0.0)

    def gap(feed):
        trace = Trace(
            "input_voltage", "V", np.round(feed * 1000).astype(np.int32), 1e-3, 0.0, 4e-4, 0.0, -(2**30), 2**30
        )
        taken = SimpleNamespace(spans={"first tone": (1.0, 1.5), "rippled": (1.0, 1.8), "after": (1.8, 3.9)})
        return supply_gap(SimpleNamespace(
            case=Case("NSE-01", Ripple("1 V")), taken=taken, served=SimpleNamespace(feed="input_voltage"),
            capture=Capture({"slow": Record("slow", {"input_voltage": trace}, triggered=True)}),
        ))  # fmt: skip

    assert gap(volts) is None
    assert gap(np.where(t > 1.7, 0.0, volts)) == (
        "the feed stood at 48.00 V before the ripple, and at 0.00 V after it; look at the supply and at its cable"
    )
    assert "and had 0 V; look at the amplifier" in gap(48.0 + 0 * t)

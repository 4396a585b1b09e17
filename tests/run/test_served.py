"""How a device served while it was fed otherwise: edges that are not the return, and services that do not last."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from rig.faults import Base, Level, Overload, Ramp, prospective
from rig.files.bench import Bench
from rig.files.device import Consumption, Device
from rig.files.document import load, resolve
from rig.measure import Capture, Record, Trace, TraceAccuracy
from rig.run.duty import supply_gap
from rig.run.served import Served

ACCURACY = TraceAccuracy(gain_u=0.001, offset_u=0.01, skew_u=1e-6, timebase_u=1e-5, verified=True)
DT = 4e-4
BENCH = load(resolve("benches", "twin"), Bench)


def device(name: str) -> Device:
    return load(resolve("devices", name), Device)


def trace(signal: str, values) -> Trace:
    unit = "A" if "current" in signal else "V"
    codes = np.round(np.asarray(values) / 1e-3).astype(np.int64)
    return Trace(signal, unit, codes, 1e-3, 0.0, DT, 0.0, -(10**9), 10**9, accuracy=ACCURACY)


def served(name: str, spans, window=12.0, **signals) -> Served:
    traces = {signal: trace(signal, values) for signal, values in signals.items()}
    capture = Capture({"slow": Record("slow", traces, triggered=True)})
    least = 40.0 if name in ("reference", "poe-like") else 36.0
    return Served(device(name).port, capture, spans, window, least)


def axis(seconds: float):
    return np.arange(0.0, seconds, DT)


def ramp(t):
    """48 V, to 15 V from 1 to 6 s, back by 11 s."""
    return np.interp(t, [0, 1, 6, 11, 20], [48, 48, 15, 48, 48])


SAG = {"down": (1.0, 6.0), "up": (6.0, 11.0), "after": (11.0, 15.0)}
STEP = {"level": (1.0, 6.0), "after": (6.0, 10.0)}


def test_a_ripple_on_the_way_down_is_no_return_and_what_stays_away_is_not_back():
    t = axis(15.0)
    feed = ramp(t) + 0.08 * np.sin(2 * np.pi * 100 * t)
    gone = np.where(t < 3.0, -3.0, 0.0)
    found = served("plain-load", SAG, port_voltage=feed, port_current=gone).returned()
    assert (found.outcome, found.value) == ("NotRecovered", None)
    back = np.where((t < 3.0) | (t > 12.0), -3.0, 0.0)
    found = served("plain-load", SAG, port_voltage=feed, port_current=back).returned()
    assert found.value == pytest.approx(12.0 - (6.0 + 5.0 * (0.95 * 48 - 15) / 33), abs=0.05)


@pytest.mark.parametrize(("goes", "outcome"), [(None, "Measured"), (6.4, "NotRecovered"), (9.5, "NotRecovered")])
def test_what_goes_again_after_the_return_is_not_back(goes, outcome):
    t = axis(10.0)
    feed = np.where((t > 1.0) & (t < 6.0), 57.0, 48.0)
    takes = np.where(t < (goes or 99.0), -2.5, 0.0)
    found = served("plain-load", STEP, port_voltage=feed, port_current=takes).returned()
    assert found.outcome == outcome
    assert (found.value == 0.0) == (goes is None)


def test_a_source_that_swings_does_not_serve_though_its_mean_does():
    t = axis(10.0)
    feed = np.where((t > 1.0) & (t < 6.0), 43.0, 48.0)
    swinging = np.where((t > 2.0) & (t < 5.0), 54.0 + 12.0 * np.sin(2 * np.pi * 100 * t), 54.0)
    assert served("reference", STEP, input_voltage=feed, port_voltage=swinging).floor().value > 1.0
    assert served("reference", STEP, input_voltage=feed, port_voltage=54.0 + 0 * t).floor().value == 1.0


@pytest.mark.parametrize(("amps", "status"), [(2.0, 1.0), (5.0, 1.0), (6.0, 2.0), (15.0, 2.0), (0.5, 2.0), (0.1, 3.0)])
def test_a_consumer_that_takes_far_too_much_does_not_work_as_declared(amps, status):
    t = axis(10.0)
    feed = np.where((t > 1.0) & (t < 6.0), 57.0, 48.0)
    found = served("plain-load", STEP, port_voltage=feed, port_current=np.where((t > 1) & (t < 6), -amps, -2.1)).floor()
    assert found.value == status


def test_a_port_that_follows_its_feed_is_back_in_its_band_and_not_only_between_its_ends():
    t = axis(10.0)
    feed = np.where((t > 1.0) & (t < 6.0), 45.0, 54.0)
    low = np.where(t > 1.0, 44.5, 53.9)
    follows = served("poe-like", STEP, input_voltage=feed, port_voltage=low)
    assert follows.floor().value == 1.0
    assert follows.returned().outcome == "NotRecovered"


def gap(name, fault, spans, **signals):
    one = served(name, spans, **signals)
    own = device(name)
    expected = prospective(fault, Base(0.5), 5.0, own.port, BENCH, own)
    taken = SimpleNamespace(spans=spans, prospective=expected)
    return supply_gap(
        SimpleNamespace(case=SimpleNamespace(fault=fault), taken=taken, served=one, capture=one.capture, fed_level=36.0)
    )


def test_a_sag_that_stopped_half_way_or_did_not_come_back_is_no_test():
    t = axis(15.0)
    amps = -2.0 + 0 * t
    assert gap("plain-load", Ramp("15 V"), SAG, port_voltage=ramp(t), port_current=amps) is None
    stopped = np.maximum(ramp(t), 30.0)
    assert gap("plain-load", Ramp("15 V"), SAG, port_voltage=stopped, port_current=amps) == (
        "the device was to be fed with 15.00 V, and its feed stood at 30.00 V; look at the supply and at its cable"
    )
    stayed = np.where(t > 6.0, np.minimum(ramp(t), 40.0), ramp(t))
    assert "with 48.00 V, and its feed stood at 40.00 V" in gap(
        "plain-load", Ramp("15 V"), SAG, port_voltage=stayed, port_current=amps
    )


def test_a_level_above_what_the_supply_may_be_set_to_is_refused():
    own = device("plain-load")
    (sentence,) = prospective(Level("125 %"), Base(0.5), 5.0, own.port, BENCH, own).refusals
    assert sentence == "fed with 125 % is more than the 58 V that a supply of the rig may be set to"
    assert prospective(Level("57 V"), Base(0.5), 5.0, own.port, BENCH, own).refusals == ()


def test_a_consumption_has_no_discharge_time_unless_it_is_declared():
    taken = device("plain-load").port.consumption
    assert isinstance(taken, Consumption)
    assert taken.discharge_time == 2.0


def test_an_overload_knows_no_feed():
    own = device("reference")
    expected = prospective(Overload(1.5), Base(0.5), 1.0, own.port, BENCH, own)
    assert (expected.feed, expected.nominal) == (None, None)


def test_what_lives_on_its_own_has_no_efficiency():
    t = axis(2.0)
    signals = {"port_voltage": 54.0 + 0 * t, "input_voltage": 48.0 + 0 * t, "input_current": 5.0 + 0 * t}
    fed = served("reference", {"load 1": (0.5, 1.5)}, port_current=4.0 + 0 * t, **signals)
    assert fed.input_watched
    assert fed.efficiency().value == pytest.approx(0.9)
    assert not replace(fed, least=None).input_watched

"""When the rig itself was at fault while it drove the port: the recorder must be sure that it was not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rig.measure import Capture, Facts, Record, Trace, TraceAccuracy
from rig.run.duty import injector_overload, rig_overvoltage
from rig.run.perform import Taken
from rig.run.shot import Shot
from tests.run.stubs import EXPECTED


def shot(fast_volts: float, fast_gain_u: float, slow_volts: float, slow_gain_u: float) -> Shot:
    def record(name: str, volts: float, gain_u: float, dt: float) -> Record:
        codes = np.full(200, round(volts / 1e-3), np.int32)
        accuracy = TraceAccuracy(gain_u, 1e-4)
        trace = Trace("port_voltage", "V", codes, 1e-3, 0.0, dt, 0.0, -(10**6), 10**6, accuracy=accuracy)
        return Record(name, {"port_voltage": trace}, triggered=True, source=name)

    records = {
        "fault": record("fault", fast_volts, fast_gain_u, 1e-6),
        "slow": record("slow", slow_volts, slow_gain_u, 4e-4),
    }
    taken = Taken(EXPECTED, records, {"driven": (0.01, 0.07)})
    nothing = SimpleNamespace()
    return Shot(nothing, nothing, nothing, Capture(records, Facts(case="x")), taken, 1.0)


def test_an_uncalibrated_digitizer_is_not_held_against_the_bench():
    assert rig_overvoltage(shot(-60.11, 0.02, -58.0, 2e-4)) is None


@pytest.mark.parametrize(
    ("volts", "said"),
    [
        ((-62.0, 0.005, -58.0, 2e-4), "62.00 V"),  # the digitizer saw what the recorder is too slow for
        ((-58.0, 0.02, -60.2, 2e-4), "60.20 V"),
        ((-58.0, 0.02, -59.99, 1e-3), "59.99 V"),  # not surely below
    ],
)
def test_what_may_have_been_too_much_is(volts, said):
    sentence = rig_overvoltage(shot(*volts))
    assert sentence is not None
    assert sentence.startswith(f"the rig itself drove the port to {said}")
    assert sentence.endswith("which must stay below 60 V")


def test_a_port_that_the_rig_does_not_drive():
    one = shot(-80.0, 0.0, -80.0, 0.0)
    one.taken.spans.clear()
    assert rig_overvoltage(one) is None


def test_an_injector_that_bore_more_than_its_rating():
    def made(i2t: float | None) -> SimpleNamespace:
        rating = SimpleNamespace(current=1500.0, energy=2500.0, i2t=i2t)
        return SimpleNamespace(resistance=0.0025, taps={"tap_short": 0.0025}, rating=rating)

    injector = made(None)

    def carrying(fast_amps: float, slow_amps: float, rated=injector) -> str | None:
        def record(name: str, amps: float, dt: float) -> Record:
            codes = np.full(1000, round(amps / 0.01), np.int32)
            accuracy = TraceAccuracy(0.01, 0.1)
            trace = Trace("injector_current", "A", codes, 0.01, 0.0, dt, 0.0, -(10**7), 10**7, accuracy=accuracy)
            return Record(name, {"injector_current": trace}, triggered=True, source=name)

        records = {"fault": record("fault", fast_amps, 1e-6), "slow": record("slow", slow_amps, 4e-4)}
        nothing = SimpleNamespace()
        one = Shot(nothing, nothing, nothing, Capture(records, Facts(case="x")), Taken(EXPECTED, records, {}), 1.0)
        return injector_overload(one, rated)

    assert carrying(1400.0, 18.0) is None
    assert carrying(1510.0, 18.0) is None, "not certainly more"
    assert carrying(1600.0, 18.0) == "the injector carried 1600 A, and its rating is 1500 A"
    assert carrying(100.0, 200.0, made(16_001.0)) is None
    assert carrying(100.0, 200.0, made(15_999.0)) == "the injector carried 1.6e+04 A²s, and its rating is 15999 A²s"
    assert carrying(100.0, 1200.0) == "the injector took 2880 J of heat, and its rating is 2500 J"

"""The transfer calibration's arithmetic on two plateaus, with channels that are wrong by a known amount."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rig.faults import feed
from rig.files import document
from rig.files.bench import Bench
from rig.files.device import Device
from rig.measure import Record, Trace, TraceAccuracy, corrected
from rig.run.transfer import SLOW, CalibrationFault, transfer_calibration
from rig.run.views import views

FAST_GAIN, FAST_OFFSET = 1.02, 0.3
"""The digitizer's voltage channel reads 1.02 u + 0.3 V."""
AMPS_OFF = {"port_current": 0.8, "injector_current": -0.5}


class FakeStage:
    """Delivers the two plateaus that the channels above would show."""

    def __init__(self) -> None:
        self.bench = document.load(document.resolve("benches", "twin"), Bench)
        device = document.load(document.resolve("devices", "reference"), Device)
        self.device, self.port, self.fed = device, device.port, feed(device)
        self.views = views(self.bench, device.port)
        self.volts, self.level, self.triggered = 54.0, 0.0, True
        self.did: list[str] = []
        self.rate_max = None
        self.monitor = SimpleNamespace(wait=lambda seconds: 100, seen=lambda: 200)
        nothing = lambda *_args, **_named: None  # noqa: E731
        self.equipment = SimpleNamespace(
            digitizer=SimpleNamespace(configure_time=nothing, trigger=nothing, arm=nothing, force=nothing)
        )
        self.configure = nothing

    def energise(self) -> None:
        self.did.extend(["route forward", "feed"])

    def take_off(self) -> None:
        self.did.append("off")

    def await_port(self) -> None:
        self.did.append("await")
        self.level = self.volts

    def safe_or_raise(self) -> None:
        self.did.append("safe")

    def fast(self, signal):
        return self.bench.signals[signal].fast

    def read(self, name, view, patience_s=0.0, *, calibrated=True):
        traces = {signal: self.trace(signal, FAST_GAIN * self.level + FAST_OFFSET) for signal in view.settings}
        return Record(name, traces if self.triggered else {}, triggered=self.triggered, source="scope")

    def slow_record(self, first, last):
        return Record(SLOW, {name: self.trace(name, self.level) for name in self.bench.signals}, True, "daq")

    def trace(self, signal: str, volts: float) -> Trace:
        unit = "A" if "current" in signal else "V"
        value = AMPS_OFF[signal] if unit == "A" else volts
        noise = np.random.default_rng(1).normal(0, 0.01, 1000)
        accuracy = TraceAccuracy(0.001, 0.01, verified=True)
        return Trace(signal, unit, value + noise, 1.0, 0.0, 1e-5, 0.0, -1e6, 1e6, accuracy=accuracy)


@pytest.fixture
def stage():
    return FakeStage()


def test_the_digitizers_voltage_is_put_on_the_recorders_scale_in_every_view(stage):
    found = transfer_calibration(stage)
    for view in stage.views.values():
        transfer = found["port_voltage", view.settings["port_voltage"]]
        assert transfer.gain == pytest.approx(1 / FAST_GAIN, rel=1e-4)
        assert transfer.offset == pytest.approx(-FAST_OFFSET / FAST_GAIN, abs=2e-3)
        read = corrected(transfer, stage.trace("port_voltage", FAST_GAIN * 60.0 + FAST_OFFSET))
        assert read.values.mean() == pytest.approx(60.0, abs=5e-3)
        assert read.accuracy.verified


def test_currents_get_their_zero_on_both_records(stage):
    found = transfer_calibration(stage)
    for signal, off in AMPS_OFF.items():
        for view in stage.views.values():
            transfer = found[signal, view.settings[signal]]
            assert (transfer.gain, transfer.offset) == (1.0, pytest.approx(-off, abs=2e-3))
        assert found[signal, SLOW].offset == pytest.approx(-off, abs=2e-3)
    assert ("port_voltage", SLOW) not in found, "the reference itself is not corrected"
    assert not any(signal == "gate_voltage" for signal, _ in found)


def test_the_device_is_energised_between_the_plateaus_only(stage):
    transfer_calibration(stage)
    assert stage.did == ["route forward", "feed", "await", "safe"]


def test_plateaus_that_are_one_are_the_benchs_fault(stage):
    stage.volts = 0.0
    with pytest.raises(CalibrationFault, match="could not be compared: transfer of 'port_voltage' has plateaus only"):
        transfer_calibration(stage)
    assert stage.did[-1] == "safe"


def test_a_digitizer_that_takes_no_record_is_the_benchs_fault(stage):
    stage.triggered = False
    with pytest.raises(CalibrationFault, match="The digitizer took no record for the calibration"):
        transfer_calibration(stage)

"""Supply and battery on one bus, on the twin: compared before it is closed, bounded while it is, open after."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest

from rig.record import RunFolder
from rig.run.opening import Running, staged
from rig.run.setup import Options, load_setup
from rig.run.shared_bus import BusFault, joined
from rig.run.stage import DeviceNotReady
from rig.safety.interrupts import Interrupts
from tests.run.test_run_opening import QuietGuard

DEVICE = """
schema: 1
name: battery
maker: test
model: battery with a switch
serial_pattern: "BAT-[0-9]{4}"
roles: [source]
energy_input: null
ports:
  terminals:
    role: source
    link: 48 V
    voltage: 48 V
    band: 10 %
    rated_current: 5 A
    source_resistance: 50 mohm
    output_capacitance: 1 uF
    output_esr: 100 mohm
    current_limit: 50 A
    protection: {type: trip, peak_current: 360 A, let_through_i2t: 15 A2s}
    recovery: {class: auto, time: 3 s}
    reverse: {current: 10 mA}
"""


BUS = "  shared_buses:\n    feed: {sources: [supply, port], difference: 1 V, current: 5 A}\n"
REVERSE = "reverse_line: {supply+: return, supply-: port+}"


@pytest.fixture
def on_battery(served, tmp_path, monkeypatch):
    """A stage with a charged battery on it: (stage, truth).

    The bench declares `feed` as a shared bus, and that its reverse line is not there: with it no live port may be fed.
    """
    monkeypatch.setattr("rig.run.opening.transfer_calibration", lambda _stage: {})

    @contextmanager
    def stage(scene: str = "battery", *, reverse_line: bool = False):
        (tmp_path / "battery.yaml").write_text(DEVICE)
        twin = served(scene=scene, seed=1)
        text = Path(twin.bench).read_text(encoding="utf-8")
        assert all(old in text for old in (REVERSE, "  overshoot: 0.3 V"))
        text = text.replace("  overshoot: 0.3 V", f"{BUS}  overshoot: 0.3 V")
        bench = Path(twin.bench).with_name("bus.yaml")
        bench.write_text(text if reverse_line else text.replace(REVERSE, "reverse_line: {spare: nowhere}"))
        setup = load_setup(Options(bench=str(bench), device=str(tmp_path / "battery.yaml")))
        folder = RunFolder.create(tmp_path / "run")
        running = Running(setup.bench, twin.bench, QuietGuard())
        with staged(setup, running, folder, Interrupts(), lambda _state: None, lambda _proof: None) as made:
            yield made, twin.truth

    return stage


def test_they_are_joined_when_they_stand_alike_and_apart_again_after(on_battery):
    with on_battery() as (stage, truth):
        stage.monitor.wait(1.0)
        volts = stage.look("port_voltage")
        assert volts == pytest.approx(47.4, abs=1.0)
        with joined(stage, "feed", volts + 0.2):
            summary = truth.ask("summary")
            assert summary["contactors"]["feed_line"]
            assert 0.5 < abs(truth.ask("value", probe="port_current")["value"]) < 5.0, "it charges the battery"
        truth.assert_safe()


def test_voltages_too_far_apart_are_not_joined(on_battery):
    with on_battery() as (stage, truth):
        before = len(truth.ask("log")["lines"])  # the bench proof has closed it
        stage.monitor.wait(1.0)
        with (
            pytest.raises(
                DeviceNotReady, match=r"and the supply at 4[45]\.\d\d V, further apart than the 1 V at which route feed"
            ),
            joined(stage, "feed", 45.0),
        ):
            pass
        assert "contactor feed_line in" not in " ".join(truth.ask("log")["lines"][before:])


def test_a_dead_port_is_not_joined(on_battery):
    with (
        on_battery("healthy") as (stage, _),
        pytest.raises(DeviceNotReady, match="joined only to one that stands plus to plus"),
        joined(stage, "feed", 0.5),
    ):
        pass


def test_more_current_than_declared_opens_the_bus(on_battery, monkeypatch):
    """A supply whose own limit does not hold it back."""
    with on_battery() as (stage, truth):
        told = stage.bench.topology
        bus = told.shared_buses["feed"].model_copy(update={"current": 0.3})
        stage.bench = stage.bench.model_copy(
            update={"topology": told.model_copy(update={"shared_buses": {"feed": bus}})}
        )
        stage.monitor.wait(1.0)
        volts = stage.look("port_voltage")
        stage.equipment.supply.set_current_limit(4.0)
        monkeypatch.setattr(stage.equipment.supply, "set_current_limit", lambda _amps: None)
        with (
            pytest.raises(BusFault, match=r"declared for 0\.3 A"),
            joined(stage, "feed", volts + 0.9),
        ):
            pass
        truth.assert_safe()


def test_a_bench_that_can_reverse_its_supply_feeds_no_live_port(on_battery):
    """One welded pole of the reverse line, and the other one, open, has both sources across it."""
    with (
        on_battery(reverse_line=True) as (stage, _),
        pytest.raises(DeviceNotReady, match=r"= 111\.6 V .* with contact reverse_line .* welded"),
        joined(stage, "feed", 47.0),
    ):
        pass


def test_a_route_that_is_no_shared_bus_joins_nothing(on_battery):
    with (
        on_battery() as (stage, _),
        pytest.raises(DeviceNotReady, match="declares no shared bus 'forward'"),
        joined(stage, "forward", 48.0),
    ):
        pass

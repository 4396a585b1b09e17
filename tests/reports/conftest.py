"""A run folder as a run of the protection plan leaves it, with waveforms drawn by formula."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rig.measure.captures.accuracy import TraceAccuracy
from rig.measure.captures.capture import Record, Trace
from rig.measure.decision.decide import Decision
from rig.measure.result import Mark, Measurement
from rig.measure.uncertainty.budget import Budget, Line
from rig.record import Journal, MeasurementTable, RunFolder, row, save_record, verdict_entry

ACCURACY = TraceAccuracy(gain_u=0.003, offset_u=0.02, skew_u=2e-9, timebase_u=1e-5, verified=True, note="transfer")
IDENTITY = "20270114T091500Z_protection_reference_twin"


def trace(signal: str, unit: str, values: np.ndarray, dt: float, start: float, full: float, seed: int = 1) -> Trace:
    """12-bit codes of `values` with 1.5 LSB of noise, range ± full."""
    step = 2 * full / 4096
    noisy = values + np.random.default_rng(seed).normal(0, 1.5 * step, len(values))
    codes = np.clip(np.round(noisy / step) + 2048, 0, 4095).astype(np.uint16)
    return Trace(signal, unit, codes, step, -2048 * step, dt, start, 0, 4095, accuracy=ACCURACY)


def short_record(n: int = 100_000) -> Record:
    dt, start = 20e-9, -400e-6
    t = start + dt * np.arange(n)
    on = t >= 0
    rise = np.where(on, 1 - np.exp(-np.maximum(t, 0) / 1.6e-6), 0)
    open_ = np.where(t > 3.3e-6, np.exp(-np.maximum(t - 3.3e-6, 0) / 0.25e-6), 1)
    port = 2.5 + 96 * rise * open_
    port[t > 6e-6] = 0
    injector = (
        160
        * rise
        * np.exp(-np.maximum(t - 2e-6, 0) / 6e-6)
        * (1 + 0.15 * np.sin(t * 2.4e6) * np.exp(-t.clip(0) / 4e-6))
    )
    volts = 53.8 * np.where(on, np.exp(-np.maximum(t, 0) / 1.1e-6), 1)
    gate = np.where(t > -0.3e-6, 12.0, 0.0)
    return Record(
        "fault",
        {
            "port_voltage": trace("port_voltage", "V", volts, dt, start, 80, 1),
            "port_current": trace("port_current", "A", port, dt, start, 300, 2),
            "injector_current": trace("injector_current", "A", injector, dt, start, 300, 3),
            "gate_voltage": trace("gate_voltage", "V", gate, dt, start, 20, 4),
        },
        True,
        "RIGOL DHO804",
    )


def slow_record(top: float = 54.3) -> Record:
    dt, start = 4e-4, -1.0
    t = start + dt * np.arange(10_000)
    volts = np.full_like(t, 53.8)
    volts[(t > 0) & (t < 0.5)] = 0.4
    back = t >= 1.302
    volts[(t >= 0.5) & ~back] = 1.2
    volts[back] = np.minimum(53.9, 1.2 + (t[back] - 1.302) / 5.2e-3 * 52)
    volts[(t >= 1.306) & (t < 1.326)] = top
    amps = np.where((t < 0) | back, 2.5, 0.0)
    traces = {
        "port_voltage": trace("port_voltage", "V", volts, dt, start, 80, 5),
        "port_current": trace("port_current", "A", amps, dt, start, 20, 6),
    }
    return Record("slow", traces, True, "LabJack T7")


def overload_record(trips: bool = True) -> Record:
    dt, start = 50e-6, -0.5
    t = start + dt * np.arange(100_000)
    amps = np.where(t < 0, 2.5, 7.8)
    volts = np.where(t < 0, 53.9, 53.6)
    if trips:
        amps[t > 0.601] = 0
        volts[t > 0.601] = 0.3
        amps[t > 1.41], volts[t > 1.41] = 2.5, 53.9
    traces = {
        "port_voltage": trace("port_voltage", "V", volts, dt, start, 80, 7),
        "port_current": trace("port_current", "A", amps, dt, start, 20, 8),
        "injector_current": trace(
            "injector_current", "A", np.where((t > 0) & (t < 1.0), amps * 0.66, 0), dt, start, 20, 9
        ),
    }
    return Record("fault", traces, True, "RIGOL DHO804")


def budget(unit: str, *us: float) -> Budget:
    names = ("port_current at trip, noise over slope", "port_current at trip, gain", "channel skew", "time base")
    return Budget(tuple(Line(name, u, 1.0, "normal") for name, u in zip(names, us, strict=False)), unit)


def limit(
    high: float | None = None, status: str = "rig-default", source: str = "t.b.d.", **more: Any
) -> dict[str, Any]:
    plain = {"low": None, "high": high, "must_not": False, "window": None, "uncertainty_max": None}
    return {**plain, "status": status, "source": source, "rule": "guarded", **more}


class Builder:
    """Writes a run folder case by case."""

    def __init__(self, path: Path, **run: Any) -> None:
        self.folder = RunFolder.create(path)
        ticks = itertools.count()
        self.journal = Journal(self.folder.journal, lambda: f"2027-01-14T09:15:{next(ticks) % 60:02d}.000000Z")
        self.table = MeasurementTable(self.folder.measurements)
        self.run = {
            "id": IDENTITY,
            "started_utc": "2027-01-14T09:15:00.125000Z",
            "ended_utc": "2027-01-14T09:15:14.930000Z",
            "development": True,
            "seed": 7,
            "versions": {"nanogrid-rig": "0.1.0", "Python": "3.11.7"},
            "bench": {"name": "twin", "kind": "twin", "file": "benches/twin.yaml"},
            "device": {"name": "reference", "maker": "nanogrid-rig", "model": "Reference source port 54 V 5 A"},
            "serial": "REF-0001",
            "limits": {"name": "draft-48v", "revision": "2020-07-08"},
            "plan": ["protection"],
            "safe_state": "verified",
            "exit": {"code": 1, "reason": "a FAIL or CONDITIONAL_FAIL"},
            "event_log_sha256": "9f" * 32,
            **run,
        }

    def case(self, key: str, title: str, clause: str, why: str, state: str = "finished", **more: Any) -> None:
        self.journal.write(
            "case", {"case": key, "title": title, "clause": clause, "why": why, "state": "started", **more}
        )
        if state != "started":
            self.journal.write("case", {"case": key, "state": state, "reason": more.get("reason", "")})

    def verdict(
        self, key: str, title: str, clause: str, measurement: Measurement | None, bound: dict[str, Any],
        verdict: str, reason: str, captures: dict[str, str], p: float | None = None,
    ) -> None:  # fmt: skip
        decision = Decision(verdict, reason, p, bound.get("low"), bound.get("high"), bound.get("rule", "guarded"))
        data = verdict_entry(
            case=key, title=title, why="", clause=clause, port="grid", attempt=1, measurement=measurement,
            limit=bound, decision=decision, captures=captures,
        )  # fmt: skip
        self.journal.write("verdict", data, durable=True)
        self.table.append(row(data, dut="reference", serial=str(self.run["serial"])))

    def end(self) -> Path:
        self.table.flush()
        self.journal.write("files", self.folder.digests(), durable=True)
        self.journal.close()
        self.folder.write_run({**self.run, "journal": self.journal.anchor})
        return self.folder.path


def short_case(build: Builder, key: str, label: str, peak: float = 97.6) -> None:
    title = "hard short at half load"
    captures = {
        "fault": save_record(build.folder, key, short_record()),
        "slow": save_record(build.folder, key, slow_record()),
    }
    stimulus = {
        "label": label, "prospective_peak": 1180.0, "steady_current": 18.0, "time_constant": 31e-6, "energy": 14.2,
        "i2t": 22.0, "loop_resistance": 0.0455, "hold": 0.5, "path": "grid port, port shunt, injector, tap_short",
    }  # fmt: skip
    why = "A bolted short is cleared before it can hurt the cable, and the port comes back by itself."
    build.case(key, title, "SC-01", why, stimulus=stimulus)
    t0, trip = Mark("fault", "injector_current", 0.06e-6, "t0"), Mark("fault", "port_current", 4.21e-6, "trip")
    removal, back = Mark("slow", "port_voltage", 0.5, "removal"), Mark("slow", "port_voltage", 1.3064, "recovered")
    build.verdict(
        key, title, "SC-01",
        Measurement(
            "operate_time", "Tripped", 4.15e-6, "s", "t0 (injector_current, 2 A) to the first instant after which "
            "|port_current| stays below its floor for 2e-05 s", budget("s", 18e-9, 11e-9, 6e-9, 1e-12),
            marks=(t0, trip),
        ),
        limit(500e-6, source="switch-type port, t.b.d. in the standard", uncertainty_max=50e-6),
        "PASS", "4.15 µs + U 0.043 µs is at most 500 µs.", captures, 1.0,
    )  # fmt: skip
    build.verdict(
        key, title, "SC-01",
        Measurement(
            "peak_current", "Measured", peak, "A", "largest port_current between t0 and trip",
            budget("A", 0.4, 0.3), flags=("datasheet-only",),
            marks=(t0, Mark("fault", "port_current", 3.3e-6, "peak_current")),
        ),
        limit(300.0, "vendor", "maker's declaration", uncertainty_max=60.0), "PASS", "within", captures, 1.0,
    )  # fmt: skip
    build.verdict(
        key, title, "SC-01",
        Measurement("let_through_i2t", "Measured", 0.0203, "A2s", "integral of port_current² from t0 to trip",
                    budget("A2s", 2.1e-4, 1.2e-4), marks=(t0,)),
        limit(2.0, "vendor", "maker's declaration", uncertainty_max=1.0), "PASS", "within", captures, 1.0,
    )  # fmt: skip
    build.verdict(
        key, title, "REC-01",
        Measurement("recovery_time", "Measured", 0.8064, "s", "removal of the fault to the first instant after which "
                    "port_voltage stays in 51.3..56.7 V for 0.1 s", budget("s", 2e-4, 1e-4), marks=(removal, back),
                    inputs={"low": 51.3, "high": 56.7, "hold": 0.1}),
        limit(10.0, source="automatic recovery, time t.b.d. in the standard", uncertainty_max=0.5),
        "PASS", "within", captures, 1.0,
    )  # fmt: skip
    build.verdict(
        key, title, "SELV-01",
        Measurement("port_voltage_peak", "Measured", 54.31, "V", "largest port_voltage of the case",
                    budget("V", 0.07, 0.05),
                    marks=(Mark("slow", "port_voltage", 1.312, "port_voltage_peak"),)),
        limit(60.0, "standard", "Requirement text, Safety: 48 V nominal, always < 60 V", uncertainty_max=0.5),
        "PASS", "54.31 V + U 0.17 V is at most 60 V.", captures, 1.0,
    )  # fmt: skip


def overload_case(build: Builder) -> None:
    key, title = "protection/test_overload.py::test_overload[1.5 x]", "overload step"
    captures = {"fault": save_record(build.folder, key, overload_record())}
    build.case(key, title, "OC-01", "A lasting overload is switched off before the cable gets hot.",
               stimulus={"label": "1.5 x rated", "prospective_peak": 7.8, "energy": 410.0, "hold": 2.0})  # fmt: skip
    t0, trip = Mark("fault", "injector_current", 0.0, "t0"), Mark("fault", "port_current", 0.60108, "trip")
    build.verdict(
        key, title, "OC-01",
        Measurement("operate_time", "Tripped", 0.60108, "s", "t0 to the end of the fault current",
                    budget("s", 2e-5, 1.2e-2), marks=(t0, trip), inputs={"multiple": 1.56}),
        limit(0.59, "borrowed", "GOGLA Connect overload curve, 14 June 2022", uncertainty_max=0.05),
        "CONDITIONAL_FAIL", "601 ms is beyond 590 ms, but not by more than U.", captures, 0.18,
    )  # fmt: skip
    build.verdict(
        key, title, "SELV-01",
        Measurement("port_voltage_peak", "Clipped", 61.4, "V", "largest port_voltage of the case",
                    budget("V", 0.07, 0.05), bound="lower", flags=("clipped",),
                    marks=(Mark("fault", "port_voltage", 3.2, "port_voltage_peak"),)),
        limit(60.0, "standard", "Requirement text, Safety: 48 V nominal, always < 60 V", uncertainty_max=0.5),
        "FAIL", "At least 61.4 V - U is above 60 V.", captures, 0.0,
    )  # fmt: skip


def holding_case(build: Builder) -> None:
    key, title = "protection/test_overload.py::test_overload[1.05 x]", "overload step"
    captures = {"fault": save_record(build.folder, key, overload_record(trips=False))}
    build.case(
        key,
        title,
        "OC-01",
        "A small overload is a normal day.",
        stimulus={"label": "1.05 x rated", "prospective_peak": 5.25},
    )
    build.verdict(
        key, title, "OC-01",
        Measurement("operate_time", "NotTripped", None, "s", "t0 to the end of the fault current",
                    bound="lower", window=2.0, marks=(Mark("fault", "injector_current", 0.0, "t0"),)),
        limit(None, "borrowed", "GOGLA Connect, must-not-trip area", must_not=True, window=2.0),
        "PASS", "No trip in 2 s while the stimulus was verified.", captures,
    )  # fmt: skip


def session_entries(build: Builder) -> None:
    build.journal.write("session", {"what": "identities", "instruments": {
        "supply": {"maker": "EA Elektro-Automatik", "model": "PSB 9080-60", "serial": "10000001", "firmware": "V2.02"},
        "load": {"maker": "Siglent Technologies", "model": "SDL1030X", "serial": "SDL00001", "firmware": "1.1.1.21"},
        "scope": {"maker": "RIGOL TECHNOLOGIES", "model": "DHO804", "serial": "DHO8A0001", "firmware": "00.01.03"},
    }})  # fmt: skip
    build.journal.write("session", {"what": "transfer calibration", "channels": [
        {"signal": "port_voltage", "record": "fault", "gain": 1.00213, "offset": -0.0132, "U": 0.21, "unit": "V"},
        {"signal": "port_voltage", "record": "slow", "gain": 1.00002, "offset": 0.0004, "U": 0.06, "unit": "V"},
    ]})  # fmt: skip


def safe_state_entry(build: Builder) -> None:
    steps = [
        {"name": "injector open", "ok": True, "seen": "FIO0 low"},
        {"name": "supply off", "ok": True, "seen": "0.01 V"},
        {"name": "contactors open", "ok": True, "seen": "all auxiliary contacts open"},
    ]
    build.journal.write("safe state", {"verified": True, "steps": steps}, durable=True)


def example(path: Path, shorts: int = 1, **run: Any) -> Path:
    """A run with something of everything."""
    build = Builder(path, **run)
    session_entries(build)
    for place in range(shorts):
        short_case(build, f"protection/test_short.py::test_hard_short[{place}]", f"{10 + place} mΩ")
    overload_case(build)
    holding_case(build)
    key = "protection/test_short.py::test_short_again"
    build.case(key, "short during recovery", "SC-01", "A second short is no surprise.", stimulus={"label": "10 mΩ"})
    build.verdict(
        key, "short during recovery", "SC-01",
        Measurement("operate_time", "NotArmed", None, "s", "t0 to the end of the fault current",
                    flags=("not-triggered",)),
        limit(500e-6), "INCONCLUSIVE", "The digitizer did not trigger.", {},
    )  # fmt: skip
    build.case("protection/test_reverse.py::test_reverse[-54 V]", "reverse polarity", "RP-01",
               "A reversed feed must not flow into the port.", "broken",
               reason="scope: no reply to :WAV:DATA? within 2 s", stimulus={"label": "-54 V"})  # fmt: skip
    build.case("protection/test_reverse.py::test_reverse[-58 V]", "reverse polarity", "RP-01",
               "A reversed feed must not flow into the port.", "not run", reason="the bench broke before this case",
               stimulus={"label": "-58 V"})  # fmt: skip
    safe_state_entry(build)
    return build.end()


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("runs") / IDENTITY)

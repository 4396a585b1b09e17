"""Locks, mark and safe state around a session, on a bench in memory."""

from __future__ import annotations

import signal
from contextlib import contextmanager

import numpy as np
import pytest

from rig.bench.interlock import InterlockOpen
from rig.bench.locks import BenchBusy, Locks
from rig.bench.wiring import Wiring
from rig.faults import Short
from rig.record import RecordError, RunFolder
from rig.run import Case, opening, perform
from rig.run.opening import Refused, Running, locked, staged
from rig.run.perform import Taken
from rig.run.setup import Options, load_setup
from rig.run.stage import DeviceNotReady, UnsafeBench
from rig.safety.interrupts import Interrupts
from tests.bench.fakes import fake_bench, timeout
from tests.run.stubs import EXPECTED

WHY = "ended without a proved safe state"


class QuietGuard:
    """What the real one is told, in order."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.patience = None

    def __getattr__(self, name: str):
        return lambda *_: self.told.append(name)


class Session:
    """A session of the real `staged` on fake instruments."""

    def __init__(self, monkeypatch, tmp_path) -> None:
        self.setup = load_setup(Options())
        self.bench = self.setup.bench.model_copy(update={"clock": str(tmp_path / "clock.sock")})
        self.fake = fake_bench(self.bench)
        self.fake.daq.idle_scans = 100
        self.locks = Locks.of(self.bench)
        self.folder = RunFolder.create(tmp_path / "run")
        self.interrupts = Interrupts()
        self.states: list = []
        self.on_safe = self.states.append
        self.calibrate = lambda stage: {}
        self.opened = 0
        self.guard = QuietGuard()

        @contextmanager
        def open_bench(bench, folder, guard=None, **_options):
            self.opened += 1
            wiring = Wiring(bench, self.fake.relays, self.fake.daq, self.fake.clock)
            yield self.fake.equipment, wiring, self.fake.clock

        monkeypatch.setattr(opening, "open_bench", open_bench)
        monkeypatch.setattr(opening, "prove", lambda stage, keep, whole: None)  # fakes have no voltages to prove
        monkeypatch.setattr(opening, "transfer_calibration", self._transfer_calibration)

    def _transfer_calibration(self, stage):
        return self.calibrate(stage)

    def stage(self):
        running = Running(self.bench, "twin", self.guard)
        return staged(self.setup, running, self.folder, self.interrupts, self.on_safe, lambda _proof: None)

    @property
    def off(self) -> bool:
        fake = self.fake
        return not (fake.supply.on or fake.load.on or any(fake.relays.coils) or fake.daq.driven["FIO0"])


@pytest.fixture
def session(monkeypatch, tmp_path):
    return Session(monkeypatch, tmp_path)


def test_marked_while_it_lasts_and_clean_when_it_was_left_safe(session):
    with session.stage() as stage:
        assert WHY in session.locks.dirty_reason()
        stage.equipment.supply.on = True
    assert session.off
    assert session.locks.dirty_reason() is None
    assert [state.verified for state in session.states] == [True, True]
    assert session.fake.log[-1] == ("daq", "stop")


def test_a_dirty_bench_is_refused_before_any_instrument_is_spoken_to(session):
    session.locks.mark_dirty("runs/before")
    with pytest.raises(Refused, match=f"runs/before .* {WHY}; run `rig safe"), session.stage():
        raise AssertionError("never open")
    assert session.opened == 0
    assert session.locks.dirty_reason() is not None


def test_a_bench_in_use_is_busy_and_not_dirty(session):
    session.locks.mark_dirty("runs/now")  # as the run has done that holds it
    with locked(session.bench), pytest.raises(BenchBusy, match="in use by process"), session.stage():
        raise AssertionError("never open")
    assert session.opened == 0


def test_a_bench_that_cannot_be_proved_safe_is_not_used_and_stays_marked(session):
    session.fake.daq.welded.add("tap_short")
    with pytest.raises(UnsafeBench, match=r"ABORTED_UNSAFE: .*contactors isolate: closed: tap_short"), session.stage():
        raise AssertionError("never open")
    assert WHY in session.locks.dirty_reason()
    assert [state.verified for state in session.states] == [False, False]


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ZeroDivisionError, timeout("scope")])
def test_trouble_in_the_calibration_leaves_a_safe_and_clean_bench(session, trouble):
    def calibrate(stage):
        stage.wiring.route("forward")
        stage.equipment.supply.on = True
        raise trouble

    session.calibrate = calibrate
    with pytest.raises(trouble if isinstance(trouble, type) else type(trouble)), session.stage():
        raise AssertionError("never open")
    assert session.off
    assert session.locks.dirty_reason() is None


def test_a_device_that_does_not_come_up_leaves_the_session_uncalibrated(session):
    def calibrate(stage):
        stage.equipment.supply.on = True
        raise DeviceNotReady("The port stood at 0.00 V.")

    session.calibrate = calibrate
    with session.stage() as stage:
        assert (stage.uncalibrated, stage.corrections) == ("The port stood at 0.00 V.", {})
        assert session.off, "safe again before the first case"


def test_a_record_that_refuses_does_not_keep_the_mark_of_a_bench_that_was_proved_safe(session):
    def refuse(state):
        if session.opened and len(session.states) > 0:
            raise RecordError("disk full")
        session.states.append(state)

    session.on_safe = refuse
    with pytest.raises(RecordError), session.stage():
        pass
    assert session.off
    assert session.locks.dirty_reason() is None


def test_the_monitor_that_cannot_be_stopped_is_said(session):
    def stop():
        raise timeout("daq")

    session.fake.daq.stop = stop
    with pytest.raises(UnsafeBench, match="stream could not be ended"), session.stage():
        pass


def test_a_branch_that_still_carries_current_is_not_proved(session):
    codes = np.full((100, 5), 32768, np.uint16)
    codes[:, 1] += 20  # 20 mV at 5 mohm
    with session.stage() as stage:
        session.fake.daq.blocks = [codes]
        with pytest.raises(UnsafeBench, match=r"no current: port current 4\.000 A by AIN1, zero within"):
            stage.safe_or_raise()


@pytest.mark.parametrize(
    ("column", "millivolts", "load_volts", "said"),
    [
        (4, 0, 0.0, "with 0.00 V at that input: look at the supply, its current limit and its cable"),
        (2, 30, 0.0, "and the injector carried 6.00 A with its gate low: look at its transistors"),
        (2, 0, 54.1, "and the load measures 54.10 V there: look at channel AIN0 of the recorder and its divider"),
        (2, 0, 0.0, "after the energy input came on."),
    ],
)
def test_a_device_that_does_not_come_up_is_not_blamed_for_the_bench(session, column, millivolts, load_volts, said):
    codes = np.full((session.fake.daq.idle_scans, 5), 32768, np.uint16)
    codes[:, 4] += 6000  # 48 V behind a divider of 8, unless that is what is wrong
    codes[:, column] = 32768 + millivolts
    with session.stage() as stage:
        session.fake.daq.blocks = [codes] * 1000
        session.fake.load.on, session.fake.load.volts = False, load_volts
        with pytest.raises(DeviceNotReady) as unready:
            stage.await_port()
        session.fake.daq.blocks = []
    assert said in str(unready.value)


def test_a_monitor_that_is_silent_proves_nothing(session):
    with pytest.raises(UnsafeBench, match="no current: the slow monitor gave no scan"), session.stage():
        session.fake.daq.idle_scans = 0


# -- a case in trouble


class Trouble(Exception):
    """Something nobody expected."""


@pytest.fixture
def perform_with(session, monkeypatch):
    """Carry out a case that ends in `trouble`, on a bench that was left energised."""

    def run(trouble, welded=()):
        def forward(case, _fault, stage, *_rest):
            stage.wiring.route("forward")
            stage.equipment.supply.on = stage.equipment.load.on = True
            session.fake.daq.welded.update(welded)
            raise trouble

        monkeypatch.setitem(perform.WAYS, Short, forward)
        taken = Taken(EXPECTED)
        with session.stage() as stage:
            try:
                perform.perform(Case("SC-01", Short("10 mohm")), stage, taken, lambda: None)
            finally:
                session.off_after_the_case = session.off
                session.taken = taken
                session.fake.daq.welded.clear()

    return run


@pytest.mark.parametrize(
    "trouble", [DeviceNotReady("not ready"), timeout("scope"), Trouble("odd"), KeyboardInterrupt()]
)
def test_whatever_ends_a_case_the_bench_is_safe_at_once(session, perform_with, trouble):
    with pytest.raises(type(trouble)):
        perform_with(trouble)
    assert session.off_after_the_case
    assert set(session.taken.records) == {"slow"}, "what was recorded stays"


@pytest.mark.parametrize("trouble", [DeviceNotReady("not ready"), Trouble("odd")])
def test_an_open_safety_chain_is_named_as_the_cause(session, perform_with, trouble):
    session.fake.daq.chain_closed = True

    def open_it(_state) -> None:
        session.fake.daq.chain_closed = len(session.states) < 1
        session.states.append(_state)

    session.on_safe = open_it
    with pytest.raises(InterlockOpen) as raised:
        perform_with(trouble)
    assert raised.value.__context__ is trouble
    assert session.off_after_the_case


def test_a_bench_with_an_open_safety_chain_is_not_begun(session):
    session.fake.daq.chain_closed = False
    with pytest.raises(InterlockOpen), session.stage():
        pass
    assert session.states == []
    assert session.locks.dirty_reason() is None


def test_a_fault_longer_than_the_injectors_one_shot_is_refused(session):
    with session.stage() as stage:
        with pytest.raises(DeviceNotReady, match="one-shot ends every fault after 60 s"):
            perform.prepare(Case("SC-01", Short("10 mohm"), hold="61 s"), stage)
        stage.bench = stage.bench.model_copy(
            update={"injector": stage.bench.injector.model_copy(update={"one_shot": None})}
        )
        assert perform.prepare(Case("SC-01", Short("10 mohm"), hold="61 s"), stage).records == {}


@pytest.mark.parametrize("trouble", [DeviceNotReady("not ready."), timeout("scope"), Trouble("odd")])
def test_a_case_that_leaves_an_unproved_bench_ends_the_plan_whatever_its_trouble_was(session, perform_with, trouble):
    with pytest.raises(UnsafeBench) as unsafe:
        perform_with(trouble, welded=["tap_1"])
    assert str(unsafe.value) == f"{str(trouble).rstrip('.')}; then not proved safe: contactors isolate."


def test_an_interrupt_waits_until_the_bench_is_safe(session):
    load, calls = session.fake.load, []

    def interrupted():
        calls.append("load")
        if len(calls) == 2:  # the first one proves the bench at the opening
            signal.raise_signal(signal.SIGINT)
        type(load).make_safe(load)

    load.make_safe = interrupted
    with session.interrupts.installed(), pytest.raises(KeyboardInterrupt), session.stage() as stage:
        stage.safe_or_raise()
    assert session.off
    assert len(session.states) == 3
    assert session.locks.dirty_reason() is None


# -- the stage


def test_a_device_that_lives_on_its_own_is_not_fed_and_is_taken_off_by_the_changeover_alone(session):
    with session.stage() as stage:
        stage.device = stage.device.model_copy(update={"energy_input": None})
        stage.feed()
        assert not session.fake.supply.on
        stage.bench = stage.bench.model_copy(update={"proof": None})
        with pytest.raises(DeviceNotReady, match="reference lives on its own, and bench twin has no changeover"):
            stage.take_off()


def test_transcripts_that_cannot_be_written_end_quietly_and_are_said_at_the_end():
    calls = []

    class Full:
        def __call__(self, *event):
            calls.append(event)
            raise RecordError("wire/scope.jsonl: the transcript cannot be written.")

        def close(self):
            calls.append("closed")

    transcript = opening._Transcript(Full(), lambda: calls.append("alive"))
    transcript(">", b"*IDN?\n")
    transcript("<", b"x\n")
    with pytest.raises(RecordError, match=r"scope\.jsonl"):
        transcript.close()
    assert calls == ["alive", (">", b"*IDN?\n", ""), "alive", "closed"]

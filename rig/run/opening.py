"""From a checked set-up to an open, identified, proved bench, and back; closed in reverse whatever happens."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from instruments.clock import nobody
from instruments.errors import LinkError
from rig.bench.clock import ClockLost, ReplayClock, Stamp, TwinClock, open_clock, utc_today
from rig.bench.equipment import Equipment, WrongInstrument, opened
from rig.bench.file import load_bench
from rig.bench.injector import InjectorFault
from rig.bench.interlock import InterlockOpen
from rig.bench.locks import BenchBusy, Locks
from rig.bench.monitor import Monitor, MonitorSilent
from rig.bench.proof import ProofFault
from rig.bench.readings import as_fed
from rig.bench.resting_switch import SwitchFault
from rig.bench.wiring import ContactFault, Wiring
from rig.device.registers import DeviceRegisters
from rig.faults import fed_at_port
from rig.files.bench import Bench
from rig.record import RecordError, RunFolder, WireLog
from rig.run.chain import Chain
from rig.run.climate import Climate
from rig.run.proving import prove
from rig.run.recorded import uncovered
from rig.run.shared_bus import BusFault
from rig.run.stage import DeviceNotReady, Stage, UnsafeBench
from rig.run.transfer import CalibrationFault, transfer_calibration
from rig.run.views import views
from rig.run.wired import SUPPLY_OVP
from rig.safety.envelope import Bounds, Breach, GuardedLoad, GuardedSupply, Latch
from rig.safety.guard import COMMAND, Guard, GuardLost, Patience
from rig.twin.launch import TwinFailed, launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from instruments.clock import Clock
    from rig.bench.proof import Proof
    from rig.run.replay import Replay
    from rig.run.setup import Setup
    from rig.safety.interrupts import Interrupts
    from rig.safety.safe_state import SafeState

__all__ = ["BENCH_FAULTS", "Reach", "Refused", "Running", "armed", "locked", "open_bench", "running_bench", "staged"]

log = logging.getLogger("rig.run")


class Refused(Exception):
    """The rig will not touch this bench; the sentence says why."""


BENCH_FAULTS = (
    LinkError, WrongInstrument, ContactFault, InjectorFault, SwitchFault, ClockLost, MonitorSilent, CalibrationFault,
    BenchBusy, UnsafeBench, Refused, TwinFailed, RecordError, Breach, GuardLost, BusFault, InterlockOpen, ProofFault,
)  # fmt: skip
"""What is the bench's fault and never the device's."""

UNPROVED = {
    "topology": "nobody can prove that its sources stay below 60 V; say which nets each contact joins",
    "proof": "nobody would know whether it is wired as its file says; give it a changeover and known resistors",
}
"""What real hardware must declare, and why."""
LINUX = "The rig opens a bench on Linux only: its guard needs pidfd_open."


@dataclass(frozen=True, slots=True)
class Running:
    """A bench with addresses to connect to, the file that says so, and the guard that is getting ready for it."""

    bench: Bench
    file: str
    guard: Guard
    replay: Replay | None = None
    """What stands for clock and wires where a run is played back."""


Reach = Callable[["Setup"], AbstractContextManager[Running]]


@contextmanager
def running_bench(setup: Setup) -> Iterator[Running]:
    """Starts the guard, and a twin when the bench file asks for one.

    Raises:
        Refused: real hardware that cannot be proved, or a system without what the guard needs.
    """
    if not hasattr(os, "pidfd_open"):
        raise Refused(LINUX)
    _refuse_hardware(setup.bench)
    options = setup.options
    with ExitStack() as stack:
        guard = Guard(COMMAND)
        stack.callback(guard.close)
        if not setup.launches_twin:
            yield Running(setup.bench, setup.sources["benches"], guard)
            return
        twin = launch(
            scene=options.scene, bench=options.bench, device=options.device, seed=options.seed,
            meanwhile=_load_libraries,
        )  # fmt: skip
        with twin:
            yield Running(load_bench(twin.bench), str(twin.bench), guard)


def _refuse_hardware(bench: Bench) -> None:
    """Raises Refused when the bench is real hardware that nobody can prove, with all that it lacks."""
    lacking = [f"`{part}`: {UNPROVED[part]}" for part in UNPROVED if getattr(bench, part) is None]
    if bench.kind == "hardware" and lacking:
        raise Refused(
            f"Bench {bench.name} is real hardware and declares no {'; and no '.join(lacking)}. See docs/real-bench.md."
        )


def _load_libraries() -> None:
    """What every run needs sooner or later and is slow to import: the wait for the twin has room for it."""
    import pandas  # noqa: F401, ICN001  which pyarrow would import at the first array it meets
    import pyarrow.parquet  # noqa: F401
    import scipy.special  # noqa: F401


@contextmanager
def locked(bench: Bench) -> Iterator[Locks]:
    """The bench and its instruments, for this process alone; before any of them is spoken to.

    Raises:
        BenchBusy: another process has them.
    """
    locks = Locks.of(bench)
    with locks.hold([entry.address for entry in bench.instruments.values()]):
        yield locks


@contextmanager
def open_bench(
    bench: Bench, folder: RunFolder | None, guard: Guard | None = None, *,
    replay: Replay | None = None, absent_ok: bool = False,
) -> Iterator[tuple[Equipment, Wiring, Clock]]:  # fmt: skip
    """Clock and instruments of a running bench that is locked; transcripts go to the run folder.

    Whatever is said on a link, and each sleep, is a sign of life for the guard.

    Raises:
        LinkError, WrongInstrument: an instrument that cannot be had; with `absent_ok` the others are opened.
        RecordError: at the end, a transcript that could not be written.
    """
    with ExitStack() as stack:
        clock: Clock
        if replay is not None:
            clock = ReplayClock(replay.clock)
        else:
            clock = open_clock(bench.clock, guard.slept if guard is not None else nobody)
        if isinstance(clock, TwinClock):
            stack.callback(clock.close)
            if folder is not None:
                questions = _Transcript(WireLog(folder.clock, Stamp(clock)), _no_beat)
                stack.callback(questions.close)
                clock.heard = partial(questions, "note", b"")

        def tap(name: str) -> Callable[..., None]:
            if folder is None:
                return _no_transcript
            beat = guard.beat if guard is not None else _no_beat
            transcript = _Transcript(WireLog(folder.wire / f"{name}.jsonl", Stamp(clock), blocks=True), beat)
            stack.callback(transcript.close)
            return transcript if replay is None else replay.tap(name, transcript)

        equipment = stack.enter_context(opened(bench, tap, clock, absent_ok=absent_ok))
        yield equipment, Wiring(bench, equipment.relays, equipment.lines, clock), clock


@contextmanager
def staged(
    setup: Setup, running: Running, folder: RunFolder, interrupts: Interrupts, on_safe: Callable[[SafeState], None],
    on_proof: Callable[[Proof], None], *, calibrate: bool = True,
) -> Iterator[Stage]:  # fmt: skip
    """A stage with the device on it: safe, monitor running, bench proved, channels calibrated; safe again at the end.

    Without `calibrate` the device is never energised, and the bench proof takes the time that a whole one takes.

    Raises:
        UnsafeBench: the safe state could not be read back; the bench stays marked.
    """
    bench, guard = as_fed(running.bench, fed_at_port(setup.device)), running.guard
    with locked(bench) as locks:
        why = locks.dirty_reason()
        if why is not None:
            raise Refused(f"Bench {bench.name} is not known to be safe: {why}; run `rig safe --bench ...` first.")
        with (
            armed(running, folder, interrupts),
            open_bench(bench, folder, guard, replay=running.replay) as (equipment, wiring, clock),
        ):
            guard.patience = Patience(clock.pace if isinstance(clock, TwinClock) else 1.0)
            monitor = Monitor(bench, equipment.recorder, clock)
            serials = {name: identity.serial for name, identity in equipment.identities.items()}
            chain = Chain(bench, setup.certificates, serials, utc_today(), setup.ambient)
            latch = Latch()
            stage = Stage(
                bench=bench, device=setup.device, port=setup.device.port,
                equipment=_enveloped(equipment, bench, latch), wiring=wiring, latch=latch,
                monitor=monitor, clock=clock, views=views(bench, setup.device.port), interrupts=interrupts,
                on_safe=on_safe, chain=chain, rate_max=bench.digitizer_rate_max, guard=guard,
                climate=Climate(bench.chamber, equipment.chamber, monitor, clock),
                registers=DeviceRegisters(equipment.device) if equipment.device is not None else None,
            )  # fmt: skip
            stage.check_interlock()
            _check_certificates(setup, stage)
            try:
                locks.mark_dirty(str(folder.path))
                stage.safe_or_raise()
                _prepare(stage, on_proof, calibrate=calibrate)
                yield stage
            finally:
                with interrupts.deferred():
                    _leave(stage, locks)


def _check_certificates(setup: Setup, stage: Stage) -> None:
    """A recorded run measures with what is certified for the instruments that answered; nothing was switched yet."""
    found = uncovered(stage) if setup.options.recorded else []
    if found:
        raise Refused(f"A recorded run needs valid certificates, and these do not do: {'; '.join(found)}.")


@contextmanager
def armed(running: Running, folder: RunFolder, interrupts: Interrupts) -> Iterator[None]:
    """The guard watches over this process: before anything of the bench is spoken to, until it was left.

    Raises:
        GuardLost: it does not get ready, or has ended in the meantime.
    """
    running.guard.arm({"bench": running.file, "run": str(folder.path)}, interrupts)
    try:
        yield
    finally:
        with interrupts.deferred():
            running.guard.dismiss()


def _enveloped(equipment: Equipment, bench: Bench, latch: Latch) -> Equipment:
    """Supplies and load behind the bench's envelope, which is never wider than what keeps a sum below 60 V."""
    supply, load, beside = (
        Bounds(min(node.voltage or SUPPLY_OVP, SUPPLY_OVP), node.current or math.inf, node.power or math.inf)
        for node in (bench.envelope.supply, bench.envelope.load, bench.envelope.neighbour)
    )
    second = equipment.neighbour
    return replace(
        equipment,
        supply=GuardedSupply(equipment.supply, supply, latch),
        load=GuardedLoad(equipment.load, load, latch),
        neighbour=None if second is None else GuardedSupply(second, beside, latch, "neighbour"),
    )


def _prepare(stage: Stage, on_proof: Callable[[Proof], None], *, calibrate: bool) -> None:
    """Monitor, bench proof and calibration: the first time that something is switched on."""
    try:
        stage.monitor.start()
        stage.proof = prove(stage, on_proof, whole=not calibrate)
        if calibrate:
            _calibrate(stage)
    except Exception as trouble:
        stage.safe_after(trouble)
        raise


def _calibrate(stage: Stage) -> None:
    """A device that does not come up cannot be measured against; the cases then find that out for themselves."""
    try:
        stage.corrections.update(transfer_calibration(stage))
    except DeviceNotReady as unready:
        log.warning("No transfer calibration: %s", unready)
        stage.uncalibrated = str(unready)
        stage.safe_or_raise()


def _leave(stage: Stage, locks: Locks) -> None:
    """Safe state at the end of a run, however it ended; the mark goes only when it was read back."""
    state = stage.safe(leaving=True)
    if state.verified:
        locks.clear_dirty()
    stage.on_safe(state)
    if not state.verified:
        raise UnsafeBench(
            f"ABORTED_UNSAFE: the bench is not proved safe: {state.trouble}; run `rig safe` before anything else."
        )
    try:
        stage.monitor.stop()
    except LinkError as error:
        if stage.monitor.seen():
            raise UnsafeBench(f"The monitor's stream could not be ended: {error}") from None


class _Transcript:
    """A transcript that never breaks into an exchange: a disk that refuses ends it, and is raised at the end.

    The safe state needs every link, also when nothing can be written any more.
    """

    def __init__(self, wire: WireLog, beat: Callable[[], None]) -> None:
        self._wire, self._beat = wire, beat
        self._refused: RecordError | None = None

    def __call__(self, direction: str, data: bytes, note: str = "") -> None:
        self._beat()
        self._written(lambda: self._wire(direction, data, note))

    def content(self, data: bytes | bytearray | memoryview) -> None:
        self._written(lambda: self._wire.content(data))

    def _written(self, write: Callable[[], None]) -> None:
        if self._refused is None:
            try:
                write()
            except RecordError as error:
                self._refused = error

    def close(self) -> None:
        self._wire.close()
        if self._refused is not None:
            raise self._refused


def _no_beat() -> None:
    """Nobody watches."""


def _no_transcript(_direction: str, _data: bytes, _note: str = "") -> None:
    """`rig safe` has no run folder to write to."""

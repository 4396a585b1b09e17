"""From a checked set-up to an open, identified, proved bench, and back; closed in reverse whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from instruments.errors import LinkError
from rig.bench.clock import ClockLost, Stamp, TwinClock, open_clock
from rig.bench.equipment import Equipment, WrongInstrument, opened
from rig.bench.injector import InjectorFault
from rig.bench.locks import BenchBusy, clear_dirty, dirty_reason, hold, mark_dirty
from rig.bench.monitor import Monitor
from rig.bench.wiring import ContactFault, Wiring
from rig.files import document
from rig.files.bench import Bench
from rig.record import RecordError, RunFolder, WireLog
from rig.run.stage import Stage, UnsafeBench
from rig.run.transfer import transfer_calibration
from rig.run.views import views
from rig.twin.launch import TwinFailed, launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.clock import Clock
    from rig.run.setup import Setup
    from rig.safety.interrupts import Interrupts
    from rig.safety.safe_state import SafeState

__all__ = ["BENCH_FAULTS", "Refused", "bench_key", "open_bench", "running_bench", "staged"]


class Refused(Exception):
    """The rig will not touch this bench; the sentence says why."""


BENCH_FAULTS = (
    LinkError, WrongInstrument, ContactFault, InjectorFault, ClockLost, BenchBusy, UnsafeBench, Refused, TwinFailed,
    RecordError,
)  # fmt: skip
"""What is the bench's fault and never the device's."""

HARDWARE = (
    "Bench {name} is real hardware, which this version refuses: the guard process, the envelope and the topology proof "
    "that make it safe are not part of it yet; run on a twin bench."
)


def bench_key(bench: Bench) -> str:
    """Identity of a bench for locks and marks; every twin is a bench of its own."""
    return f"{bench.name} {bench.clock}" if bench.kind == "twin" else bench.name


@contextmanager
def running_bench(setup: Setup) -> Iterator[Bench]:
    """The bench with addresses to connect to; starts a twin when the bench file asks for one.

    Raises:
        Refused: real hardware.
    """
    if setup.bench.kind != "twin":
        raise Refused(HARDWARE.format(name=setup.bench.name))
    if not setup.launches_twin:
        yield setup.bench
        return
    options = setup.options
    with launch(scene=options.scene, bench=options.bench, device=options.device, seed=options.seed) as twin:
        yield document.load(twin.bench, Bench)


@contextmanager
def open_bench(bench: Bench, folder: RunFolder | None) -> Iterator[tuple[Equipment, Wiring, Clock]]:
    """Locks, clock and instruments of a running bench."""
    addresses = [entry.address for entry in bench.instruments.values()]
    clock = open_clock(bench.clock)
    logs: list[WireLog] = []

    def tap(name: str) -> Callable[..., None]:
        if folder is None:
            return _no_transcript
        log = WireLog(folder.wire / f"{name}.jsonl", Stamp(clock))
        logs.append(log)
        return log

    try:
        with hold(bench_key(bench), addresses), opened(bench, tap, clock) as equipment:
            yield equipment, Wiring(bench, equipment.relays, equipment.lines, clock), clock
    finally:
        for log in logs:
            log.close()
        if isinstance(clock, TwinClock):
            clock.close()


@contextmanager
def staged(
    setup: Setup, bench: Bench, folder: RunFolder, interrupts: Interrupts, on_safe: Callable[[SafeState], None]
) -> Iterator[Stage]:
    """A stage with the device on it: bench proved safe, monitor running, channels calibrated; safe again at the end.

    Raises:
        UnsafeBench: the safe state could not be read back; the bench stays marked.
    """
    key = bench_key(bench)
    why = dirty_reason(key)
    if why is not None:
        raise Refused(f"Bench {bench.name} is not known to be safe: {why}; run `rig safe --bench ...` first.")
    with open_bench(bench, folder) as (equipment, wiring, clock):
        mark_dirty(key, str(folder.path))
        monitor = Monitor(bench, equipment.recorder, clock)
        stage = Stage(
            bench=bench, device=setup.device, port=setup.device.port, equipment=equipment, wiring=wiring,
            monitor=monitor, clock=clock, views=views(bench, setup.device.port), interrupts=interrupts, on_safe=on_safe,
            rate_max=bench.digitizer_rate_max,
        )  # fmt: skip
        try:
            stage.safe_or_raise()
            monitor.start()
            stage.corrections.update(transfer_calibration(stage))
            yield stage
        finally:
            with interrupts.deferred():
                _leave(stage, key)


def _leave(stage: Stage, key: str) -> None:
    """Safe state at the end of a run, however it ended; the mark goes only when it was read back."""
    state = stage.safe()
    stage.on_safe(state)
    if not state.verified:
        raise UnsafeBench(
            f"ABORTED_UNSAFE: the bench is not proved safe: {state.trouble}; run `rig safe` before anything else."
        )
    clear_dirty(key)
    try:
        stage.monitor.stop()
    except LinkError as error:
        if stage.monitor.seen():
            raise UnsafeBench(f"The monitor's stream could not be ended: {error}") from None


def _no_transcript(_direction: str, _data: bytes, _note: str = "") -> None:
    """`rig safe` has no run folder to write to."""

"""The instruments of a bench, opened and identified, by the role each one plays."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from instruments.address import modbus_place
from instruments.catalogue import load_driver
from instruments.errors import LinkError
from instruments.modbus import MODBUS_PORT, ModbusLink
from rig.bench.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from instruments.clock import Clock, Tap
    from instruments.records import Identity
    from instruments.roles import (
        Chamber,
        DigitalOutput,
        Digitizer,
        Generator,
        Instrument,
        Load,
        Recorder,
        RelayMatrix,
        Supply,
    )
    from rig.files.bench import Bench, InstrumentEntry

__all__ = ["DEVICE", "Equipment", "WrongInstrument", "opened", "opened_on_demand"]

DEVICE = "device"
"""The name of the link to the device under test, in transcripts and messages."""
DEVICE_TIMEOUT_S = 1.0
ROLES = ("supply", "load", "relays", "lines", "recorder", "digitizer", "neighbour", "generator", "chamber")


class WrongInstrument(Exception):
    """Another instrument than the bench file says answers at an address."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """Instruments by role; one instrument may play several. `others` play none, and are made safe like the rest.

    Where nobody is the recorder, it is the read-backs of supply and load.
    """

    supply: Supply
    load: Load
    relays: RelayMatrix
    lines: DigitalOutput
    recorder: Recorder
    digitizer: Digitizer
    instruments: dict[str, Instrument]
    identities: dict[str, Identity]
    others: dict[str, Instrument] = field(default_factory=dict)
    neighbour: Supply | None = None
    """A second supply, which stands for the rest of the grid at the device's port."""
    generator: Generator | None = None
    """What the amplifier in the feed amplifies."""
    chamber: Chamber | None = None
    """What the device stands in."""
    device: ModbusLink | None = None
    """The device's own map, not opened: it answers only while it has energy."""


class Absent:
    """Stands where an instrument could not be opened; whatever is asked of it says why."""

    def __init__(self, why: LinkError | WrongInstrument) -> None:
        self._why = why

    def __getattr__(self, _name: str) -> NoReturn:
        raise self._why


class OnDemand:
    """Stands where an instrument has not been opened: opens it when it is first asked for something."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._instrument: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._instrument is None:
            self._instrument = self._connect()
        return getattr(self._instrument, name)


@contextmanager
def opened(
    bench: Bench, tap: Callable[[str], Tap], clock: Clock, timeout_s: float = 2.0, *, absent_ok: bool = False
) -> Iterator[Equipment]:
    """Open every instrument of the bench, identify it, and close all again in reverse.

    With `absent_ok` one that cannot be opened does not keep the others from being used: what makes a bench safe works
    with whatever answers.

    Raises:
        LinkError: one is refused, silent or speaks another language.
        WrongInstrument: `*IDN?` does not match the bench file's identity.
    """
    with ExitStack() as stack:
        instruments: dict[str, Any] = {}
        identities: dict[str, Identity] = {}
        for name in bench.instruments:
            try:
                patience_s = bench.instruments[name].patience or timeout_s
                instruments[name], identities[name] = _connect(bench, name, tap(name), clock, patience_s, stack)
            except (LinkError, WrongInstrument) as why:
                if not absent_ok:
                    raise
                instruments[name] = Absent(why)
        device = _device_link(bench, tap(DEVICE), clock) if bench.device_link is not None else None
        if device is not None:
            stack.callback(device.close)
        yield replace(_cast(bench, instruments, identities, clock), device=device)


def _device_link(bench: Bench, tap: Tap, clock: Clock) -> ModbusLink:
    told = bench.device_link
    assert told is not None, "asked for where there is one"
    place = modbus_place(told.modbus, MODBUS_PORT)
    return ModbusLink(place, name=DEVICE, tap=tap, clock=clock, unit=told.unit, timeout_s=DEVICE_TIMEOUT_S)


@contextmanager
def opened_on_demand(bench: Bench, clock: Clock, timeout_s: float = 2.0) -> Iterator[Equipment]:
    """The bench for whoever makes it safe in a hurry: each instrument is opened and identified when its turn comes.

    One that is dead then costs its own time-out and nobody else's. No transcript is kept.
    """
    with ExitStack() as stack:

        def connect(name: str) -> Any:
            return _connect(bench, name, _no_tap, clock, timeout_s, stack)[0]

        instruments = {name: OnDemand(partial(connect, name)) for name in bench.instruments}
        yield _cast(bench, instruments, {}, clock)


def _connect(
    bench: Bench, name: str, tap: Tap, clock: Clock, timeout_s: float, stack: ExitStack
) -> tuple[Any, Identity]:
    """One instrument, connected and identified; `stack` closes it."""
    entry = bench.instruments[name]
    driver = load_driver(entry.driver)
    instrument = driver.connect(entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s, **entry.options)
    stack.callback(_close, instrument)
    # Ours know who answered when they connected; one more question would cost a guard's time.
    identity = getattr(instrument, "known", None) or instrument.identity()
    _check(bench, name, entry, identity)
    return instrument, identity


def _cast(bench: Bench, instruments: dict[str, Any], identities: dict[str, Identity], clock: Clock) -> Equipment:
    by_role: dict[str, Any] = {role: _view(bench, role, instruments) for role in ROLES if role in bench.roles}
    by_role.setdefault("recorder", Readings(by_role, clock))
    others = {name: one for name, one in instruments.items() if name not in bench.roles.values()}
    return Equipment(**by_role, instruments=instruments, identities=identities, others=others)


def _no_tap(direction: str, data: bytes, note: str = "") -> None:
    """Nobody listens."""


def _view(bench: Bench, role: str, instruments: Mapping[str, Any]) -> Any:
    """A bidirectional supply plays the load with its sink view."""
    name = bench.roles[role]  # type: ignore[index]  # checked by the model
    instrument = instruments[name]
    if role != "load" or "sink" not in load_driver(bench.instruments[name].driver).capabilities:
        return instrument
    if isinstance(instrument, OnDemand):
        return OnDemand(lambda: instrument.sink)
    return instrument if isinstance(instrument, Absent) else instrument.sink


def _check(bench: Bench, name: str, entry: InstrumentEntry, identity: Identity) -> None:
    if re.fullmatch(entry.identity, str(identity)) and entry.serial in (None, identity.serial):
        return
    expected = entry.identity + (f" with serial {entry.serial}" if entry.serial else "")
    message = (
        f"{name} at {entry.address} says it is {str(identity)!r}, bench {bench.name} expects '{expected}': "
        "check the address and the cabling, or correct the bench file."
    )
    raise WrongInstrument(message)


def _close(instrument: Instrument) -> None:
    """A connection that is gone already needs no closing; outputs are the safe state's business, before this."""
    try:
        instrument.close()
    except LinkError:
        return

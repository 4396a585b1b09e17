"""The instruments of a bench, opened and identified, by the role each one plays."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from instruments.catalogue import load_driver
from instruments.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.clock import Clock, Tap
    from instruments.records import Identity
    from instruments.roles import DigitalOutput, Digitizer, Instrument, Load, Recorder, RelayMatrix, Supply
    from rig.files.bench import Bench, InstrumentEntry

__all__ = ["Equipment", "WrongInstrument", "opened"]

ROLES = ("supply", "load", "relays", "lines", "recorder", "digitizer")


class WrongInstrument(Exception):
    """Another instrument than the bench file says answers at an address."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """Instruments by role; one instrument may play several. `others` play none, and are made safe like the rest."""

    supply: Supply
    load: Load
    relays: RelayMatrix
    lines: DigitalOutput
    recorder: Recorder
    digitizer: Digitizer
    instruments: dict[str, Instrument]
    identities: dict[str, Identity]
    others: dict[str, Instrument] = field(default_factory=dict)


class Absent:
    """Stands where an instrument could not be opened; whatever is asked of it says why."""

    def __init__(self, why: LinkError | WrongInstrument) -> None:
        self._why = why

    def __getattr__(self, _name: str) -> NoReturn:
        raise self._why


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
        for name, entry in bench.instruments.items():
            try:
                driver = load_driver(entry.driver)
                instrument = driver.connect(
                    entry, name=name, tap=tap(name), clock=clock, timeout_s=timeout_s, **entry.options
                )
                stack.callback(_close, instrument)
                identity = instrument.identity()
                _check(bench, name, entry, identity)
            except (LinkError, WrongInstrument) as why:
                if not absent_ok:
                    raise
                instruments[name] = Absent(why)
            else:
                instruments[name], identities[name] = instrument, identity
        by_role = {role: _view(role, instruments[bench.roles[role]]) for role in ROLES}  # type: ignore[index]  # checked by the model
        others = {name: one for name, one in instruments.items() if name not in bench.roles.values()}
        yield Equipment(**by_role, instruments=instruments, identities=identities, others=others)


def _view(role: str, instrument: Any) -> Any:
    """A bidirectional supply plays the load with its sink view."""
    if role == "load" and not isinstance(instrument, Absent) and "sink" in instrument.capabilities:
        return instrument.sink
    return instrument


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

"""A case is a declaration plus a judging body; nothing energises inside a body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest

from rig.faults import (
    Arc,
    BackFeed,
    Base,
    Charge,
    Chopper,
    Day,
    Draw,
    Dump,
    Fault,
    Interruption,
    Join,
    Level,
    Lifted,
    Meet,
    Metered,
    Motor,
    Outage,
    Overload,
    Ramp,
    Rest,
    Reverse,
    Ripple,
    SecondReturn,
    Sharing,
    Short,
    SourceLoss,
    Start,
    Steps,
)
from rig.files.explain import choices
from rig.files.quantity import QuantityError, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rig.files.device import Port

__all__ = ["MARK", "Case", "Window", "case", "cases"]

MARK = "rig_case"
NEEDS_RATE = "digitizer >= "
PATIENCE_S = 2.0
ROLES, PROTECTIONS = ("source", "unidirectional", "sink", "bidirectional"), ("trip", "limit")
SHORTEST_S = 1e-3
"""Of the record of an interruption."""


def _quantity(what: str, name: str, text: str, unit: str) -> float:
    """Said where the case is declared, not when it is about to be carried out."""
    try:
        return parse(text, unit)
    except QuantityError as error:
        raise ValueError(f"{what}: {name}: {error}") from None


def _positive(what: str, name: str, text: str, unit: str = "s") -> None:
    if not _quantity(what, name, text, unit) > 0:
        raise ValueError(f'{what}: {name} must be above 0, found "{text}"')


@dataclass(frozen=True, slots=True)
class Window:
    """How the digitizer looks at the fault: span of the record, samples in it, share before the trigger."""

    span: str
    points: int = 100_000
    before: float = 0.2

    def __post_init__(self) -> None:
        _positive("Window", "span", self.span)
        if self.points < 1 or not 0 <= self.before < 1:
            raise ValueError(f"Window: points must be 1 or more and before from 0 to below 1, found {self!r}")

    @property
    def span_s(self) -> float:
        """Length of the record, s."""
        return parse(self.span, "s")

    @property
    def rate_hz(self) -> float:
        """Sample rate this asks for, Hz."""
        return self.points / self.span_s


_WINDOWS = {
    Short: Window("2 ms"), Overload: Window("2 s", before=0.1), Reverse: Window("200 ms"), Start: Window("200 ms"),
    Steps: Window("200 ms"), Draw: Window("200 ms"), Dump: Window("50 ms"), Level: Window("200 ms"),
    Ramp: Window("200 ms"), Lifted: Window("50 ms"), Ripple: Window("200 ms"), Metered: Window("200 ms"),
    Motor: Window("200 ms"), BackFeed: Window("200 ms"), SourceLoss: Window("50 ms"), Charge: Window("200 ms"),
    Sharing: Window("200 ms"), Rest: Window("200 ms"), Join: Window("200 ms"), Outage: Window("200 ms"),
    Meet: Window("200 ms"), Day: Window("200 ms"), SecondReturn: Window("200 ms"),
    Arc: Window("200 ms"), Chopper: Window("200 ms"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What is done to the device, as data: `rig plan` reads it without touching anything.

    Attributes:
        clause: clause of the standard this closes.
        note: what tells it from others with the same fault, in its name.
        before: how often the same fault is made before the one that is judged, each time until the port is back; one
            after which it stays away is the last, and judged.
        role: only for ports that give current (source), do nothing else (unidirectional), only take it (sink) or do
            both (bidirectional); None for all that can have the fault.
        protection: only for ports that declare this kind; None for all.
        declares: only for ports whose maker declares these.
        rated_power: only for ports that are rated for as much.
        ambient: temperature of the air around the device, such as "45 degC", where it is not the room's; such cases run
            after those in the room, the coldest first.
        consent: what may happen to the device, in words, where its owner has to agree to that for the serial number;
            such a case runs last.
        also: other clauses that its body judges, for `rig coverage`; SELV-01 is judged in every case, PAR-01
            where something may have been left behind.
        fault: the stimulus.
        base: load before the fault.
        hold: how long the fault stays on, or each load of `Steps`, or the first frequency of `Ripple`.
        watch: how long recovery is awaited after the fault is gone; with `patient`, for as long as the maker declares
            and two seconds if that is longer.
        needs: what the bench must have, e.g. {"injector", "digitizer >= 20 MHz"}.
        window: how the digitizer looks at the fault; a default by kind of fault.
    """

    clause: str
    fault: Fault
    base: Base = field(default_factory=lambda: Base(load=0.5))
    hold: str = "500 ms"
    watch: str = "12 s"
    patient: bool = False
    needs: frozenset[str] = frozenset({"injector"})
    window: Window | None = None
    note: str = ""
    before: int = 0
    role: Literal["source", "unidirectional", "sink", "bidirectional"] | None = None
    protection: Literal["trip", "limit"] | None = None
    declares: tuple[str, ...] = ()
    rated_power: str = "1 mW"
    ambient: str | None = None
    consent: str = ""
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _positive("Case", "hold", self.hold)
        _positive("Case", "watch", self.watch)
        _positive("Case", "rated_power", self.rated_power, "W")
        if self.ambient is not None:
            _quantity("Case", "ambient", self.ambient, "degC")
        if not isinstance(self.before, int) or self.before < 0:
            raise ValueError(f"Case: before counts shorts or overloads, a whole number of them, found {self.before!r}")
        if self.before and not isinstance(self.fault, Short | Overload):
            kind = type(self.fault).__name__
            raise ValueError(f"Case: before counts shorts or overloads, and the stimulus is {kind}: leave it out")
        for name, known in (("role", ROLES), ("protection", PROTECTIONS)):
            value = getattr(self, name)
            if value is not None and value not in known:
                raise ValueError(f"Case: {name}: there is no {value!r} ({choices(str(value), known)})")
        for name, example in (("also", '("REC-01",)'), ("declares", '("droop",)'), ("needs", '{"injector"}')):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"Case: {name} takes several: write {name}={example}, found {getattr(self, name)!r}")
        for need in self.needs:
            if need.startswith(NEEDS_RATE):
                _positive("Case", f"needs {NEEDS_RATE}", need.removeprefix(NEEDS_RATE), "Hz")

    @property
    def degc(self) -> float | None:
        """Of the air around the device, degC; None for the room."""
        return None if self.ambient is None else parse(self.ambient, "degC")

    @property
    def hold_s(self) -> float:
        """Time the fault stays on, s; an interruption and a day have their own."""
        if isinstance(self.fault, Interruption | Outage | Day):
            return self.fault.duration
        return parse(self.hold, "s")

    def watch_s(self, port: Port) -> float:
        """Time recovery is awaited, s."""
        own = parse(self.watch, "s")
        return max(own, port.recovery.time + PATIENCE_S) if self.patient else own

    def longest_s(self, port: Port) -> float:
        """What its faults and the waits for recovery take at most, s."""
        if isinstance(self.fault, Steps | Draw | Charge | Sharing):
            return len(getattr(self.fault, "loads", "1")) * self.hold_s
        if isinstance(self.fault, Ripple):
            return sum(self.fault.seconds(self.hold_s)) + self.watch_s(port)
        ways = 2 if isinstance(self.fault, Ramp) else 1  # down, and up again
        return (self.before + 1) * (ways * self.hold_s + self.watch_s(port))

    @property
    def largest_load(self) -> Base:
        """The largest load that it connects."""
        if isinstance(self.fault, Metered):
            return Base(self.fault.load or 0.0)
        if isinstance(self.fault, Motor):
            return Base(self.fault.peak, constant="current")
        return Base(max(self.fault.loads)) if isinstance(self.fault, Steps) else self.base

    @property
    def view(self) -> Window:
        """The digitizer window, declared or by kind of fault; of an interruption five times as long as that is."""
        if self.window is None and isinstance(self.fault, Interruption):
            return Window(f"{max(5 * self.fault.duration, SHORTEST_S):.9g} s")
        return self.window or _WINDOWS[type(self.fault)]

    @property
    def label(self) -> str:
        """Short name of the stimulus, as in test ids."""
        at = "" if self.degc is None else f" at {self.degc:g} degC"
        return f"{self.fault.label}{at}, {self.note}" if self.note else f"{self.fault.label}{at}"


def case(clause: str, fault: Fault, **declared: object) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare the one case that a test body judges; the body asks for the fixtures `shot` and `judge`."""
    return cases([Case(clause, fault, **declared)])  # type: ignore[arg-type]  # checked by Case itself


def cases(declared: Iterable[Case]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare several cases judged by the same body, one test each."""
    if isinstance(declared, Case):
        raise ValueError("cases takes a list: write @cases([Case(...)]), or @case(...) for one")  # noqa: TRY004
    listed = list(declared)

    def mark(body: Callable[..., None]) -> Callable[..., None]:
        marked: Callable[..., None] = pytest.mark.parametrize(
            MARK, listed, ids=[item.label.replace("Ω", "ohm").replace("µ", "u") for item in listed]
        )(body)
        return marked

    return mark

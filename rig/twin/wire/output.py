"""One output of a supply as its firmware keeps it: settings and protections in front of a power stage.

A trip switches the stage off and stays latched in it; the programmed state of the output stays as it was. What a
release does with that state is the family's.
"""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

from rig.twin.bench.supply_class import SupplyClass
from rig.twin.wire.scpi_args import Span

ABSENT = Span(0.0, 0.0)


class Stage(Protocol):
    """What an output needs of a power stage: what every supply has."""

    @property
    def rating(self) -> SupplyClass: ...

    @property
    def output_on(self) -> bool: ...

    @property
    def regulation(self) -> Literal["OFF", "CV", "CC", "CP"]: ...

    def alarm(self) -> str | None: ...

    def clear_alarm(self) -> None: ...

    def set_voltage(self, volts: float) -> None: ...

    def set_current(self, amps: float) -> None: ...

    def set_ovp(self, volts: float) -> None: ...

    def set_ocp(self, amps: float) -> None: ...

    def set_limit_trip(self, delay: float | None) -> None: ...

    def set_output(self, on: bool) -> None: ...

    def measure(self) -> tuple[float, float]: ...


@dataclass(frozen=True, slots=True)
class Spans:
    """What an output can be set to, in V and A; `delay` of the trip at the current limit in s."""

    volts: Span
    amps: Span
    ovp: Span
    ocp: Span = ABSENT
    delay: Span = ABSENT


@dataclass(slots=True)
class Settings:
    """As after *RST or at power-on. Each protection has a switch; a family without that switch leaves it on or off."""

    volts: float
    amps: float
    ovp: float
    ocp: float = 0.0
    delay: float = 0.0
    ovp_on: bool = True
    ocp_on: bool = False
    limit_trip: bool = False
    remote_sense: bool = False


class Output:
    """`stage` is the power stage on the bench, or an IdleStage. `reaction`: least time of a trip at the limit, s."""

    def __init__(self, stage: Stage, spans: Spans, start: Settings, reaction: float = 1e-3) -> None:
        self.stage, self.spans = stage, spans
        self._start, self._reaction = start, reaction
        self.on = False
        self.settings = replace(start)
        self._apply_all()

    def reset(self) -> None:
        """*RST: off, nothing latched, settings as at the start."""
        self.on = False
        self.stage.set_output(False)
        self.stage.clear_alarm()
        self.settings = replace(self._start)
        self._apply_all()

    def set(self, name: str, value: float) -> None:
        setattr(self.settings, name, value)
        self._apply(name)

    def switch(self, on: bool) -> None:
        """Program the output's state; a latched protection keeps the stage off all the same."""
        self.on = on
        if not on or self.stage.alarm() is None:
            self.stage.set_output(on)

    def release(self, *, restores: bool) -> None:
        """Forget what has tripped; the output goes back to its programmed state, or that becomes off."""
        if self.stage.alarm() is None:
            return
        self.stage.clear_alarm()
        self.switch(self.on and restores)

    def measure(self) -> tuple[float, float]:
        return self.stage.measure()

    def _apply_all(self) -> None:
        for name in ("volts", "amps", "ovp", "ocp", "delay"):
            self._apply(name)

    def _apply(self, name: str) -> None:
        kept, stage = self.settings, self.stage
        match name:
            case "volts":
                stage.set_voltage(kept.volts)
            case "amps":
                stage.set_current(kept.amps)
            case "ovp" | "ovp_on":
                stage.set_ovp(kept.ovp if kept.ovp_on else stage.rating.ovp)
            case "ocp" | "ocp_on":
                stage.set_ocp(kept.ocp if kept.ocp_on else stage.rating.ocp)
            case "delay" | "limit_trip":
                stage.set_limit_trip(max(kept.delay, self._reaction) if kept.limit_trip else None)


class IdleStage:
    """The power stage of an output with open terminals: it follows its set voltage and never trips."""

    def __init__(self, rating: SupplyClass) -> None:
        self.rating = rating
        self.output_on = False
        self._volts = 0.0

    @property
    def regulation(self) -> Literal["OFF", "CV"]:
        return "CV" if self.output_on else "OFF"

    def alarm(self) -> None:
        return None

    def clear_alarm(self) -> None:
        return None

    def set_voltage(self, volts: float) -> None:
        self._volts = volts

    def set_output(self, on: bool) -> None:
        self.output_on = on

    def measure(self) -> tuple[float, float]:
        return (self._volts if self.output_on else 0.0), 0.0

    def _unfelt(self, _value: float | None) -> None:
        """Without a load, no limit is ever reached."""

    set_current = set_ovp = set_ocp = set_limit_trip = _unfelt

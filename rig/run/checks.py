"""Check standards: what the bench measures of something it knows, as evidence beside a verdict.

During an overload the injector's tap is a resistor. One with a certificate is a known one: voltage over current, by the
recorder and by the digitizer, must give its value. And both records must agree on every signal they share, whether or
not anything is certified. E_n = |x - X| / sqrt(U_x^2 + U_X^2) (ISO/IEC 17043): beyond 2, which chance gives once in ten
thousand, something of the measuring chain is not what it was taken for, and every verdict of the case is marked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rig import measure
from rig.bench.certificates import tap_covering
from rig.faults import Overload
from rig.faults.taps import path_resistance
from rig.measure import Budget, Measurement, rectangular

if TYPE_CHECKING:
    from rig.measure import Line, Span
    from rig.run.shot import Shot
    from rig.run.stage import Stage

__all__ = ["FAILED", "Check", "checks"]

FAILED = "check-standard-failed"
ALARM = 2.0
STEADY = 0.05
"""Of its mean, by which the halves of a span may differ for its mean to be a level."""
SWITCH = 0.5
"""How well the resistance of injector switch and contact is known beside the tap: of itself."""


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: x with U against X with U, in `unit`."""

    what: str
    found: float
    U: float
    reference: float
    reference_within: float
    unit: str
    source: str

    @property
    def normalised(self) -> float:
        """E_n; at most 1 is agreement within the uncertainties stated."""
        both = math.hypot(self.U, self.reference_within)
        return abs(self.found - self.reference) / both if both > 0.0 else math.inf

    @property
    def alarm(self) -> bool:
        """Whether it is beyond what chance explains."""
        return self.normalised > ALARM

    def told(self) -> dict[str, object]:
        """As the record keeps it."""
        return {
            "check": self.what, "found": self.found, "U": self.U, "reference": self.reference,
            "U_reference": self.reference_within, "unit": self.unit, "E_n": round(self.normalised, 2),
            "standing": "does not agree" if self.alarm else "agrees", "source": self.source,
        }  # fmt: skip


def checks(shot: Shot, stage: Stage) -> list[Check]:
    """What an overload says of the bench itself; nothing for other faults, or where the current was not steady."""
    spans = shot.applied_spans
    if not isinstance(shot.case.fault, Overload) or spans is None:
        return []
    found = []
    for signal, entry in stage.bench.signals.items():
        if entry.fast is not None and entry.slow is not None:
            found.append(_agreement(shot, signal, spans))
    tap = shot.taken.prospective.tap
    if tap is not None:
        found += [_resistor(shot, stage, tap, record, span) for record, span in spans.items()]
    return [one for one in found if one is not None]


def _agreement(shot: Shot, signal: str, spans: dict[str, Span]) -> Check | None:
    fast, slow = (_level(shot, signal, spans[record], record) for record in ("fault", "slow"))
    if fast is None or slow is None or fast.value is None or slow.value is None or fast.U is None or slow.U is None:
        return None
    what = f"{signal} by the digitizer against the recorder"
    return Check(what, fast.value, fast.U, slow.value, slow.U, fast.unit, "both records of the same moment")


def _resistor(shot: Shot, stage: Stage, tap: str, record: str, span: Span) -> Check | None:
    covering = tap_covering(stage.chain.held, tap, stage.chain.today)
    held = covering.held
    if covering.state != "valid" or held is None or held.certificate.resistance is None:
        return None
    volts, amps = (_level(shot, signal, span, record) for signal in ("port_voltage", "injector_current"))
    if volts is None or amps is None or not volts.value or not amps.value or not volts.budget or not amps.budget:
        return None
    value, stated = volts.value / amps.value, held.certificate.resistance
    lines: list[Line] = [
        *(line.scaled(line.sensitivity / amps.value, f"{line.name}, voltage") for line in volts.budget.lines),
        *(line.scaled(line.sensitivity * value / amps.value, f"{line.name}, current") for line in amps.budget.lines),
    ]
    rest = path_resistance(stage.bench, tap) - stage.bench.injector.taps[tap]
    certified = measure.Line("calibration", stated.U / held.certificate.k)
    known = Budget((certified, rectangular("injector and shunt", SWITCH * rest)), "ohm")
    what = f"known resistor {tap} by the {'recorder' if record == 'slow' else 'digitizer'}"
    return Check(what, value, Budget(tuple(lines), "ohm").U, stated.value + rest, known.U, "ohm", held.source)


def _level(shot: Shot, signal: str, span: Span, record: str) -> Measurement | None:
    """The mean of a signal, where it is steady: a protection that acts inside the span leaves no level."""
    middle = (span[0] + span[1]) / 2.0
    spans = (span[0], middle), (middle, span[1]), span
    first, second, whole = (measure.level(shot.capture, signal, part, record=record) for part in spans)
    if first.value is None or second.value is None or whole.value is None:
        return None
    room = max(STEADY * abs(whole.value), whole.U or 0.0)
    return whole if abs(first.value - second.value) <= room else None

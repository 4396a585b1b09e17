"""How well a channel together with its transducer reads: standard uncertainties, and what they are made of."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rig.measure.uncertainty.budget import Line

READ_BACK = "read-back"
"""Flag of a channel that is an instrument's reading of itself, asked now and then: between two nobody looks."""
What = Literal["gain", "offset", "skew", "time base"]


@dataclass(frozen=True, slots=True)
class TraceAccuracy:
    """Standard uncertainties (one sigma) of a channel together with its transducer.

    gain_u: relative; offset_u: in the trace's unit; skew_u: delay of this channel against the record's other channels
    in s, None = not known, which is not zero; timebase_u: relative; noise_u: rms noise in the trace's unit, used where
    the capture itself cannot show it, None = not stated. parts: what each of them is made of, line by line with its
    distribution and origin; one that has none is a single normal line. verified: True after a calibration or transfer,
    False for data-sheet figures; checked: False where not even the maker's own sheet was read; note: where the figures
    come from; flags: what a verdict that rests on this channel has to be marked with besides.
    """

    gain_u: float
    offset_u: float
    skew_u: float | None = 0.0
    timebase_u: float = 0.0
    noise_u: float | None = None
    verified: bool = False
    note: str = ""
    checked: bool = True
    parts: Mapping[What, tuple[Line, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("gain_u", "offset_u", "skew_u", "timebase_u", "noise_u"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"accuracy {name} is {value}: a standard uncertainty is a finite number of at least 0")
        for what, lines in self.parts.items():
            together, stated = math.hypot(*(line.contribution for line in lines)), self.u_of(what)
            if stated is None or abs(together - stated) > 1e-9 * max(together, stated):
                raise ValueError(f"accuracy {what}: its parts make {together:g}, stated is {stated}")

    def u_of(self, what: What) -> float | None:
        """The standard uncertainty of one of the four."""
        return {"gain": self.gain_u, "offset": self.offset_u, "skew": self.skew_u, "time base": self.timebase_u}[what]

    def lines(self, what: What, sensitivity: float = 1.0, label: str = "") -> list[Line]:
        """Budget lines of one of the four, acting with `sensitivity`; `label` says on what. Empty for
        what adds nothing or is not known."""
        u = self.u_of(what)
        whole = (Line(what, u),) if u is not None else ()
        parts = self.parts.get(what) or whole
        scaled = (
            part.scaled(sensitivity * part.sensitivity, ", ".join(filter(None, (part.name, label)))) for part in parts
        )
        return [line for line in scaled if line.contribution > 0.0]


def accuracy_of(
    *,
    gain: tuple[Line, ...] = (),
    offset: tuple[Line, ...] = (),
    skew: tuple[Line, ...] | None = (),
    timebase: tuple[Line, ...] = (),
    noise_u: float | None = None,
    verified: bool = False,
    note: str = "",
    checked: bool = True,
    flags: tuple[str, ...] = (),
) -> TraceAccuracy:
    """A channel's accuracy from the lines it is made of; skew None where it is not known."""
    made: dict[What, tuple[Line, ...]] = {"gain": gain, "offset": offset, "skew": skew or (), "time base": timebase}
    u = {what: math.hypot(*(line.contribution for line in lines)) for what, lines in made.items()}
    return TraceAccuracy(
        gain_u=u["gain"], offset_u=u["offset"], skew_u=None if skew is None else u["skew"], timebase_u=u["time base"],
        noise_u=noise_u, verified=verified, note=note, checked=checked,
        parts={what: lines for what, lines in made.items() if lines}, flags=flags,
    )  # fmt: skip

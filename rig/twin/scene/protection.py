"""What makes a port open: trips, limiter and voltage guards. Currents are those out of the port."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from rig.files.document import Entry
from rig.files.quantity import READ, AmpsSquaredSeconds, Celsius, Fraction, PerKelvin
from rig.twin.scene.values import Delay, PositiveAmps, PositiveHertz, PositiveOhms, PositiveSeconds, PositiveVolts


class Fast(Entry):
    """The first crossing of `current` that persists for `filter` is decided on, `delay` later.

    `delay_drift` changes the delay per kelvin above 25 degC at the port's temperature, and every time it has acted adds
    `wear` to it. It can act `armed_times` in its life (null: always), and in the share `misses` of all times that the
    port comes on it does not watch, until the port comes on again. `then: limit` opens the switch for `pause` and
    goes on in the limiter, which is no trip.
    """

    current: PositiveAmps
    delay: Delay
    filter: Delay = 0.0
    delay_drift: PerKelvin = 0.0
    wear: Delay = 0.0
    armed_times: Annotated[int, Field(ge=0)] | None = None
    misses: Annotated[Fraction, Field(ge=0, le=1)] = 0.0
    then: Literal["trip", "limit"] = "trip"
    pause: Delay = 0.0


class Stage(Entry):
    """Trips when the current has been above `current` for `delay`. Falling below forgets the time, or keeps what has
    passed until the port next opens when `resets` is false. `misses`: as of a fast trip.
    """

    current: PositiveAmps
    delay: Delay
    resets: bool = True
    misses: Annotated[Fraction, Field(ge=0, le=1)] = 0.0


class Band(Entry):
    """Currents between which `stages` do not act: a blind zone."""

    above: PositiveAmps
    below: PositiveAmps

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.below <= self.above:
            raise ValueError("below must be greater than above, or the band is empty; leave it out to have none")
        return self


class Limit(Entry):
    """The switch becomes a current regulator `response` after the current has risen above `current`.

    After `timeout` without interruption it trips, or holds for ever. `foldback` is the current at 0 V outside; from
    there the limit rises in proportion to the voltage and reaches `current` at `foldback_volts`.
    """

    current: PositiveAmps
    response: Delay = 0.0
    timeout: PositiveSeconds | None = None
    then: Literal["trip", "hold"]
    foldback: PositiveAmps | None = None
    foldback_volts: PositiveVolts | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.then == "trip" and self.timeout is None:
            raise ValueError("then: trip needs a timeout; write one, or then: hold")
        if self.then == "hold" and self.timeout is not None:
            raise ValueError("a timeout has no meaning with then: hold; write then: trip, or leave it out")
        if (self.foldback is None) != (self.foldback_volts is None):
            raise ValueError("foldback and foldback_volts belong together; write both or none")
        if self.foldback is not None and self.foldback >= self.current:
            raise ValueError("foldback must lie below current")
        return self


class I2t(Entry):
    """Firmware that every `tick` adds the integral of i² - rated² (never below 0) and trips above `budget`.

    It cools while the port is off and forgets when the control loses its energy.
    """

    rated: PositiveAmps
    budget: Annotated[AmpsSquaredSeconds, Field(gt=0)]
    tick: PositiveSeconds


class Curve(Entry):
    """A trip curve between the two of GOGLA Connect (Meeting of 2022-06-14, p. 10 and 15; peak and times read from the
    chart). With t since the overload began:

        must not trip:  0.7 peak exp(-t / time_must_not) + 1.15 rated
        must trip:          peak exp(-t / time_must) + 1.25 rated

    Every `tick` the mean current since the last one is compared with the curve that lies `share` of the way from the
    first to the second: below 0 it trips where it must not, above 1 it does not where it must.
    """

    rated: PositiveAmps
    peak: PositiveAmps
    time_must: PositiveSeconds = 0.3
    time_must_not: PositiveSeconds = 0.17
    share: float = 0.5
    tick: PositiveSeconds

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.peak <= self.rated:
            raise ValueError("peak must lie above rated: it is what an inrush may draw")
        if self.time_must_not > self.time_must:
            raise ValueError("time_must_not must not lie above time_must, or what must not trip lies above what must")
        if not -10.0 <= self.share <= 10.0:
            raise ValueError("share must lie between -10 and 10; 0 is the must-not-trip curve, 1 the must-trip curve")
        return self


class Thermal(Entry):
    """The load output of the LibreSolar charge controller (app/src/load.cpp): every `tick` while the port is on

        Tj += (Tint - Tj + (I / rated)² (max_junction - reference)) tick / time_constant

    and it trips above max_junction, or above twice the rated current. Tint is the port's ambient.
    """

    rated: PositiveAmps
    max_junction: Celsius = 120.0
    reference: Celsius = 50.0
    time_constant: PositiveSeconds = 5.0
    tick: PositiveSeconds = 0.1

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.reference >= self.max_junction:
            raise ValueError("reference must lie below max_junction")
        if self.tick >= self.time_constant:
            raise ValueError("tick must be shorter than time_constant, or the model oscillates")
        return self


class Arc(Entry):
    """Firmware that takes broadband noise on the port's current for a series arc: more than `level` (rms) between `low`
    and `high` for `time` without interruption. One that is `tonal` takes tones for it too.
    """

    level: PositiveAmps
    time: PositiveSeconds
    low: PositiveHertz = 10e3
    high: PositiveHertz = 100e3
    tonal: bool = False

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low must lie below high, or there is no band to listen in")
        return self


class ForwardClear(Entry):
    """Blocked, the port conducts forward through `resistance` alone, and clears above `current`: a load too light for
    that never brings it back (TPS2663 with less than about 2 A, TI E2E 1091112).
    """

    current: PositiveAmps
    resistance: PositiveOhms


class Reverse(Entry):
    """Opens when more than `current` flows back into the port for `delay`.

    `block` conducts again as soon as the inside is above the outside (an ideal diode), or as `clear` says; `trip` is
    a trip like any other.
    """

    current: PositiveAmps
    delay: Delay = 0.0
    then: Literal["block", "trip"] = "block"
    clear: ForwardClear | None = None


class Protection(Entry):
    """Each is null where the port has none."""

    fast: Fast | None = None
    stages: Annotated[list[Stage], Field(default_factory=list)]
    blind: Band | None = None
    limit: Limit | None = None
    i2t: I2t | None = None
    curve: Curve | None = None
    thermal: Thermal | None = None
    arc: Arc | None = None
    reverse: Reverse | None = None

    @model_validator(mode="after")
    def _agree(self, info: ValidationInfo) -> Self:
        if self.fast is not None and self.fast.then == "limit" and self.limit is None:
            raise ValueError("fast.then: limit needs a limit")
        if info.context is READ:
            return self  # a fast trip that acts too early, before all others, is what a defect is for
        if self.fast is not None:
            for number, stage in enumerate(self.stages, start=1):
                if stage.current >= self.fast.current:
                    raise ValueError(f"stage {number} must lie below the current of fast, or it never acts")
        if self.limit is not None and self.fast is not None and self.limit.current >= self.fast.current:
            raise ValueError("the current of limit must lie below the current of fast, or the limit never acts")
        return self


class Guard(Entry):
    """The port opens when the voltage has been beyond `off` for `debounce`, and returns when it has been back past
    `on` for `delay`. `where`: behind the switch, or at the terminals.
    """

    off: PositiveVolts
    on: PositiveVolts
    debounce: Delay
    delay: Delay = 0.0
    where: Literal["inside", "outside"] = "inside"


class Guards(Entry):
    """Voltage guards of a port. A dropout shorter than the debounce does nothing."""

    under: Guard | None = None
    over: Guard | None = None

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.under is not None and self.under.on <= self.under.off:
            raise ValueError("under: on must lie above off, or the port opens and closes for ever")
        if self.over is not None and self.over.on >= self.over.off:
            raise ValueError("over: on must lie below off, or the port opens and closes for ever")
        if self.under is not None and self.over is not None and self.under.off >= self.over.off:
            raise ValueError("under.off must lie below over.off, or the port is never on")
        return self

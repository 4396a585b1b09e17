"""What a port does after a trip."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry
from rig.files.quantity import Fraction
from rig.twin.scene.values import Delay, PositiveOhms, PositiveSeconds, PositiveVolts

Policy = Literal["auto", "auto-n", "latch", "command", "load-removed"]


class LoadDetect(Entry):
    """A resistance from the inside to the open port; the port counts as free of load and fault above `above`."""

    resistance: PositiveOhms
    above: PositiveVolts


class Check(Entry):
    """Looks at the open port by `detect` before a retry, `settle` after pulling it up, at `phase` of the delay.

    A port that is not free then waits for another delay. A phase below 1 misses a fault that goes away later: the
    retry comes a whole delay too late.
    """

    settle: PositiveSeconds
    phase: Annotated[Fraction, Field(gt=0, le=1)] = 1.0


class Recovery(Entry):
    """After a trip the port is off until

        auto          `delay` has passed
        auto-n        the next of `delays` has passed; after the last of them it is latched
        latch         the energy of the control was away
        command       somebody says so (the latched state of auto-n ends so too)
        load-removed  `detect` has found the port free for `delay`

    The count of auto-n begins anew after `forget` without a trip (null: only when the energy was away). In the share
    `sticks` of all trips it latches whatever the policy.
    """

    policy: Policy
    delay: Delay = 0.0
    delays: Annotated[list[Delay], Field(default_factory=list)]
    forget: PositiveSeconds | None = None
    detect: LoadDetect | None = None
    check: Check | None = None
    restart: Literal["soft", "hard"] = "soft"
    sticks: Annotated[Fraction, Field(ge=0, le=1)] = 0.0

    @model_validator(mode="after")
    def _agree(self) -> Self:
        longest = max(self.delays, default=0.0)
        if self.policy == "auto-n" and not self.delays:
            raise ValueError("auto-n needs delays, one for each retry; write for example delays: [5 s, 10 s, 15 s]")
        if self.policy != "auto-n" and self.delays:
            raise ValueError(f"delays belong to the policy auto-n, not to {self.policy}; write delay, or auto-n")
        if self.policy == "auto-n" and self.forget is not None and self.forget <= longest:
            raise ValueError("forget must be longer than the longest of delays, or the port never latches")
        if (self.policy == "load-removed" or self.check is not None) and self.detect is None:
            raise ValueError("detect is missing: without it the port cannot see whether its load is removed")
        if self.check is not None:
            self._check_fits(self.check)
        return self

    def _check_fits(self, check: Check) -> None:
        if self.policy not in ("auto", "auto-n"):
            raise ValueError(f"check belongs to the policies auto and auto-n, not to {self.policy}; leave it out")
        shortest = min(self.delays or [self.delay])
        if check.settle > shortest * check.phase:
            raise ValueError("the settle of check does not fit into the delay before its phase")

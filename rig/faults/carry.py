"""The rated current for so long that cable and connector are as warm as they get."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Carry:
    """The port gives its rated current, or takes what it takes, until its connector gets no warmer or the hold is over.

    `told`: at which end of its declared range what feeds the device stands meanwhile; None for one that lives on its
    own.
    """

    told: Literal["minimum", "maximum"] | None = None

    def __post_init__(self) -> None:
        if self.told not in (None, "minimum", "maximum"):
            raise ValueError(f'Carry: told must be "minimum", "maximum" or left out, found {self.told!r}')

    def volts(self, nominal: float, minimum: float, maximum: float) -> float:
        """What feeds it meanwhile, V, for a device that is fed with these."""
        return {None: nominal, "minimum": minimum, "maximum": maximum}[self.told]

    @property
    def label(self) -> str:
        """For example "rated current at its minimum"."""
        return "rated current" if self.told is None else f"rated current at its {self.told}"

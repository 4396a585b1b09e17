"""Stimuli as data: another source at the port."""

from dataclasses import dataclass

from rig.faults.told import plain, positive, several
from rig.files.quantity import format_quantity


@dataclass(frozen=True, slots=True, init=False)
class BackFeed:
    """Another source on the port stands `above` what the port has by itself, V, for the hold, and goes. It gives no
    more than the port's rated current. `dead`: the device's own energy is away, and the other has its nominal voltage.
    """

    above: float
    dead: bool

    def __init__(self, above: str = "2 V", *, dead: bool = False) -> None:
        object.__setattr__(self, "above", positive("BackFeed", "above", above, "V"))
        object.__setattr__(self, "dead", dead)

    @property
    def label(self) -> str:
        """For example "another source, 2 V higher"."""
        return "another source on a dead port" if self.dead else f"another source, {self.above:g} V higher"


@dataclass(frozen=True, slots=True)
class SourceLoss:
    """Another source carries this share of the base load, and is gone at once."""

    share: float

    def __post_init__(self) -> None:
        plain("SourceLoss", "share", self.share)
        if not 0 < self.share < 1:
            raise ValueError(f"SourceLoss: share must be a fraction of the base load, found {self.share!r}")

    @property
    def label(self) -> str:
        """For example "loss of a source of 50 %"."""
        return f"loss of a source of {format_quantity(self.share, '1')}"


@dataclass(frozen=True, slots=True)
class Charge:
    """Another source drives these shares of the port's charging current into it, one after the other, each for the
    hold."""

    loads: tuple[float, ...]

    def __post_init__(self) -> None:
        several("Charge", "loads", self.loads)
        if not self.loads or not all(0 < load <= 1 for load in self.loads):
            raise ValueError(f"Charge: loads must be fractions of the charging current, found {self.loads!r}")

    @property
    def label(self) -> str:
        """For example "6 charging currents to 90 %"."""
        return f"{len(self.loads)} charging currents to {format_quantity(max(self.loads), '1')}"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Another source holds the bus where one like the port, of its declared voltage and droop, would stand while it
    gives these shares of the rated current, one after the other, each for the hold; both feed the base load."""

    loads: tuple[float, ...]

    def __post_init__(self) -> None:
        several("Sharing", "loads", self.loads)
        if not self.loads or not all(0 < load <= 1 for load in self.loads):
            raise ValueError(f"Sharing: loads must be fractions of the rated current, found {self.loads!r}")

    @property
    def label(self) -> str:
        """For example "4 shares to 70 %"."""
        return f"{len(self.loads)} shares to {format_quantity(max(self.loads), '1')}"


@dataclass(frozen=True, slots=True)
class Join:
    """The grid is live already, held by another source 2 V below the port's voltage, with the base load on; then the
    device's energy comes."""

    @property
    def label(self) -> str:
        """For lists."""
        return "start on a live grid"


@dataclass(frozen=True, slots=True)
class Rest:
    """Another source holds the bus for the hold half-way between where the port begins to give current and where it
    begins to charge: nobody needs anything."""

    @property
    def label(self) -> str:
        """For lists."""
        return "a bus at rest"


@dataclass(frozen=True, slots=True, init=False)
class Meet:
    """A live port is plugged into a live grid that stands so much `higher`, V, and is taken off it after the hold."""

    higher: float

    def __init__(self, higher: str) -> None:
        object.__setattr__(self, "higher", positive("Meet", "higher", higher, "V"))

    @property
    def label(self) -> str:
        """For example "plugged into a grid 0.8 V higher"."""
        return f"plugged into a grid {self.higher:g} V higher"


OnBus = BackFeed | SourceLoss | Charge | Sharing | Rest | Join | Meet
ON_BUS = (BackFeed, SourceLoss, Charge, Sharing, Rest, Join, Meet)
"""What is about another source at the port."""

"""An instrument to prove, wherever it is: its address, the time there, what is around it, and all that is sent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from instruments.catalogue import load_driver
from instruments.clock import Clock
from instruments.records import NetworkAddress
from tests.instruments.contract.circuit import Circuit
from tests.instruments.contract.families import Family


@dataclass
class Stand:
    family: Family
    address: NetworkAddress
    clock: Clock
    circuit: Circuit
    sent: list[bytes] = field(default_factory=list)
    close: Callable[[], None] = lambda: None
    opened: list[Any] = field(default_factory=list)

    def connect(self) -> Any:
        """The driver, or its view that plays the role."""
        driver = load_driver(self.family.driver).connect(
            self.address, name=self.family.name, tap=self._tap, clock=self.clock, **self.family.options
        )
        self.opened.append(driver)
        return getattr(driver, self.family.view) if self.family.view else driver

    def settle(self, seconds: float = 0.3) -> None:
        self.clock.sleep(seconds)

    @contextmanager
    def nothing_sent(self) -> Iterator[None]:
        before = len(self.sent)
        yield
        assert self.sent[before:] == []

    def _tap(self, direction: str, data: bytes, note: str = "") -> None:
        if direction == ">":
            self.sent.append(bytes(data))


def bound(driver: Any, function: str, value: float) -> float:
    """How far off the driver's accuracy data allow a value to be; 2 % and 0.1 where they have nothing on it."""
    rows = [row for row in driver.accuracy if row.function == function and row.range >= abs(value)]
    if not rows:
        return 0.02 * abs(value) + 0.1
    row = min(rows, key=lambda row: row.range)
    return row.gain_frac * abs(value) + row.offset_frac_of_range * row.range + row.offset_abs + row.resolution

"""Wall time by kind of work, measured from outside: functions of the product are wrapped, the product knows nothing."""

from __future__ import annotations

import functools
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

REST = "rest"


class Ledger:
    """Every moment belongs to exactly one kind: that of the innermost wrapped function, or `rest`."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {REST: 0.0}
        self._kinds = [REST]
        self._since = perf_counter()

    def wrap(self, owner: Any, names: str, kind: str) -> None:
        """Charge the functions `names` (separated by blanks) of a class or module to `kind`."""
        for name in names.split():
            setattr(owner, name, self._charged(getattr(owner, name), kind))

    def so_far(self) -> dict[str, float]:
        """Seconds by kind up to now."""
        self._charge()
        return dict(self.spent)

    def _charged(self, function: Callable[..., Any], kind: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def charged(*args: Any, **named: Any) -> Any:
            self._charge()
            self._kinds.append(kind)
            try:
                return function(*args, **named)
            finally:
                self._charge()
                self._kinds.pop()

        return charged

    def _charge(self) -> None:
        now = perf_counter()
        kind = self._kinds[-1]
        self.spent[kind] = self.spent.get(kind, 0.0) + now - self._since
        self._since = now

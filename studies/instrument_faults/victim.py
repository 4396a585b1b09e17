"""`rig`, on a twin in which something breaks at a phase of the first case.

    python -m studies.instrument_faults.victim PHASE TRUTH FAULT ARGUMENTS OF RIG ...

TRUTH is the twin's truth socket, FAULT a JSON object as its request `fault` takes it. The rig knows nothing of it.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from typing import Any

from rig.bench.injector import Injection, Injector
from rig.bench.wiring import Wiring
from rig.run import perform as performing
from rig.run.stage import Stage

PHASES = {
    "route": (Wiring, "route", "before"),
    "feed": (Stage, "feed", "before"),
    "arm": (Stage, "arm", "before"),
    "inject": (Injection, "__init__", "after"),
    "watch": (Injector, "release", "after"),
    "safe": (Stage, "safe_or_raise", "before"),
}
"""Phase: what is called then, and whether the fault comes before or after it."""


class Breaker:
    """Brings the fault about once, when the first case is in the phase."""

    def __init__(self, truth: str, fault: str) -> None:
        self._truth, self._fault = truth, fault
        self.in_case = self._done = False

    def act(self) -> None:
        if not self.in_case or self._done:
            return
        self._done = True
        with socket.socket(socket.AF_UNIX) as truth:
            truth.settimeout(60)
            truth.connect(self._truth)
            truth.sendall(json.dumps({"op": "fault", **json.loads(self._fault)}).encode() + b"\n")
            reply = json.loads(truth.makefile("rb").readline())
        if "error" in reply:
            raise RuntimeError(f"the twin refuses {self._fault}: {reply['error']}")


def lay(breaker: Breaker, phase: str) -> None:
    """Around what is called in the phase, and around a case."""
    owner, name, moment = PHASES[phase]
    method: Callable[..., Any] = getattr(owner, name)

    def called(*args: Any, **more: Any) -> Any:
        if moment == "before":
            breaker.act()
        result = method(*args, **more)
        if moment == "after":
            breaker.act()
        return result

    perform = performing.perform

    def case(*args: Any, **more: Any) -> Any:
        breaker.in_case = True
        return perform(*args, **more)

    setattr(owner, name, called)
    import rig.run.run

    rig.run.run.perform = case  # type: ignore[attr-defined]


def main() -> None:
    """Break something and be the rig."""
    phase, truth, fault, *arguments = sys.argv[1:]
    lay(Breaker(truth, fault), phase)
    sys.argv = ["rig", *arguments]
    from rig.cli import main as rig

    rig()


if __name__ == "__main__":
    main()

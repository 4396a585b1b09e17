"""The air around the device: what a case wants of it, before anything is energised, and whether it stayed so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rig.run.stage import DeviceNotReady

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from instruments.clock import Clock
    from instruments.roles import Chamber as Controller
    from rig.bench.monitor import Monitor
    from rig.files.bench import Chamber

__all__ = ["ROOM_DEGC", "Climate", "to_move_s"]

ROOM_DEGC = 25.0
STANDARD_DEGC = 15.0, 35.0
"""Standard atmospheric conditions for tests (IEC 60068-1, 5.3.1): where a device may stand that is in no climate."""
LOOK_S = 10.0
SAID_S = 300.0
"""How often somebody is told of the way, bench time."""


def to_move_s(declared: Chamber | None) -> float:
    """The longest that the device takes to get into another climate, s."""
    return 0.0 if declared is None else declared.reach + declared.soak


class Climate:
    """The chamber of a bench, for one run; without one there is the room, and nothing to do.

    The recorder rests while the device soaks: nothing is energised then, and the record of an hour would be of that.
    """

    def __init__(
        self, declared: Chamber | None, controller: Controller | None, monitor: Monitor, clock: Clock,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._declared, self._controller, self._monitor, self._clock = declared, controller, monitor, clock
        self.say = say
        """Told of the way, which may take an hour."""
        self._at: float | None = None
        """Where the device has been brought to, degC; ROOM_DEGC also where it was found; None before a first look."""

    @contextmanager
    def of(self, wanted: float | None) -> Iterator[dict[str, float]]:
        """The climate that a case wants, degC, None for the room; gives the air before it, and after it, as measured.

        Raises:
            DeviceNotReady: the chamber does not get there in the time that it is declared to take, or has not stayed.
            LinkError: it does not answer.
        """
        air: dict[str, float] = {}
        if self._declared is None or self._controller is None:
            yield air
            return
        if wanted is None:
            self._to_the_room(self._declared, self._controller)
        elif self._at != wanted:
            self._bring(wanted, self._declared, self._controller)
        if wanted is not None:
            air["before"] = self._controller.temperature()
        yield air
        if wanted is not None:
            air["after"] = self._controller.temperature()
            off = max(air.values(), key=lambda one: abs(one - wanted))
            if abs(off - wanted) > self._declared.within:
                self._at = None
                raise DeviceNotReady(
                    f"The chamber's air was to have {wanted:g} degC in the case, and had {off:.1f} degC."
                )

    def _to_the_room(self, declared: Chamber, controller: Controller) -> None:
        """Back to room temperature, and off; where nobody has been away, the first look may do."""
        if self._at is None and STANDARD_DEGC[0] <= controller.temperature() <= STANDARD_DEGC[1]:
            self._at = ROOM_DEGC
        if self._at != ROOM_DEGC:
            self._bring(ROOM_DEGC, declared, controller)
            controller.run(False)

    def _bring(self, degc: float, declared: Chamber, controller: Controller) -> None:
        """Until the air has been near `degc` for as long as the device soaks."""
        self._at = None
        controller.set_temperature(degc)
        controller.run(True)
        since: float | None = None
        with self._monitor.resting():
            begin = now = self._clock.now_ns() * 1e-9
            said = begin - SAID_S
            while since is None or now - since < declared.soak:
                if now - begin > to_move_s(declared) + LOOK_S:
                    air = f"{controller.temperature():.1f} degC"
                    raise DeviceNotReady(
                        f"The chamber was to bring its air to {degc:g} degC and keep it for {declared.soak:g} s, and "
                        f"has {air} after {now - begin:.0f} s: look at the chamber, or declare what it takes."
                    )
                self._clock.sleep(LOOK_S)
                air_now, now = controller.temperature(), self._clock.now_ns() * 1e-9
                near = abs(air_now - degc) <= declared.within
                since = (now if since is None else since) if near else None
                if now - said >= SAID_S:
                    left = f", {declared.soak - (now - since):.0f} s to soak" if since is not None else ""
                    self.say(f"climate: {air_now:.1f} of {degc:g} degC{left}")
                    said = now
        self._at = degc

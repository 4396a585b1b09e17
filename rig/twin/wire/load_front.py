"""What the firmware of every electronic load keeps: mode, levels, short, slopes, start voltage, and a latched trip."""

from rig.twin.wire.roles import Load, LoadAlarm, Mode


class LoadFront:
    """Levels in A, ohm, V, W; slopes in A/s. `latching`: after a trip the input stays off until clear()."""

    def __init__(self, load: Load, *, latching: bool) -> None:
        self.load, self._latching = load, latching
        self._cleared = False
        self.defaults()

    def defaults(self) -> None:
        """As after *RST; nothing is done yet."""
        rating = self.load.rating
        self.mode: Mode = "CURR"
        self.levels: dict[Mode, float] = {"CURR": 0.0, "RES": rating.max_ohms, "VOLT": rating.volts, "POW": 0.0}
        self.short = False
        self.rise = self.fall = rating.slew
        self.von, self.von_latch = 0.0, False

    def reset(self) -> None:
        self.load.set_input(False)
        self.defaults()
        self.apply()
        self.apply_slew()
        self.set_von(self.von)

    def apply(self) -> None:
        """The level of the mode in use, or the lowest resistance while shorted."""
        if self.short:
            self.load.set_level("RES", self.load.rating.min_ohms)
        else:
            self.load.set_level(self.mode, self.levels[self.mode])

    def choose(self, mode: Mode) -> None:
        self.mode = mode
        self.apply()

    def set_level(self, mode: Mode, value: float) -> None:
        self.levels[mode] = value
        if mode == self.mode:
            self.apply()

    def set_short(self, on: bool) -> None:
        self.short = on
        self.apply()

    def apply_slew(self) -> None:
        self.load.set_slew(self.rise, self.fall)

    def set_von(self, volts: float) -> None:
        self.von = volts
        self.load.set_von(self.von, latch=self.von_latch)

    def set_von_latch(self, on: bool) -> None:
        self.von_latch = on
        self.set_von(self.von)

    @property
    def alarm(self) -> LoadAlarm | None:
        """What has switched the input off, until cleared."""
        return None if self._cleared else self.load.alarm()

    def set_input(self, on: bool) -> None:
        if on and self._latching and self.alarm is not None:
            return  # ignored until cleared
        self._cleared = False
        self.load.set_input(on)

    def clear(self) -> None:
        self._cleared = True

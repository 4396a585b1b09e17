"""Rigol DHO800, DHO900 and MSO5000: four-channel digitizers of 12 and of 8 bits.

The pages of the three programming guides are the same where this driver goes; what differs stands in `rigol_series`
with its sources, and is chosen by the model that answers. Verified in the DHO800/DHO900 guide: all commands and their
ranges; ten divisions by eight; codes little-endian, volts = (code - yorigin - yreference) * yincrement; yreference is
32768 and yincrement = scale / 7500 in RAW mode too, so that the screen is 30000 codes to either side; a positive offset
lifts the trace: the centre of the screen is at -offset.
Not verified: that every time scale is taken unrounded (so the sample rate is read back), the largest page of :WAV:DATA?
(250000 points, as of the DS1000Z), the start of memory with an offset beyond the screen; of the MSO5000 also its
offsets, its depths with one and two channels, its gain and offset accuracy. Advice of users and maker built in: send
mode and format again before each page; ask again when a block comes empty. A preamble whose yreference does not fit its
codes, as one firmware of the MSO5000 sends it, is refused.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.digitizers.rigol_preamble import Preamble, parse_preamble
from instruments.digitizers.rigol_series import DHO800, SERIES, Series
from instruments.errors import InstrumentError, OutOfRange, ProtocolError
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Waveform
from instruments.recovery import recover
from instruments.roles import AcquisitionState, Capability, Slope
from instruments.scpi import check_errors, in_range, query_identity, query_number, set_checked, wrong_model

CHANNELS = 4
X_DIVISIONS, Y_DIVISIONS = 10, 8
MIN_SCALE, MAX_SCALE = 500e-6, 10.0  # V/div
MIN_TIME_SCALE, MAX_TIME_SCALE = 5e-9, 500.0  # s/div
EMPTY_RETRIES, EMPTY_WAIT = 20, 0.05  # times, s
ARM_POLLS, ARM_WAIT = 200, 0.005  # times, s
RATE_TOLERANCE = 1e-4  # of the sample rate asked for
_SLOPES: dict[Slope, str] = {"rising": "POS", "falling": "NEG", "either": "RFAL"}
_STATES: dict[str, AcquisitionState] = {"WAIT": "wait", "RUN": "run", "STOP": "stop", "TD": "triggered"}


class RigolScope:
    """Role Digitizer, probes 1x. Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"edge trigger"})
    second_client: bool | None = None

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.series = DHO800
        self.accuracy: tuple[Accuracy, ...] = ()
        self._channels: dict[int, tuple[float, float]] = {}  # on: (V/div, offset)
        self._points = 0
        self.known = NOBODY

    @classmethod
    def connect(cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0) -> Self:
        """Open and identify. Changes no setting."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)

    @classmethod
    def declared(cls, link: VisaLink, identity: str) -> Self | None:
        """The scope that a bench file's identity means, before it answers; None when it names no series."""
        made = cls(link)
        found = [series for series in SERIES if series.models in identity]
        if not found:
            return None
        made.series = found[0]
        return made

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument."""
        self._channels.clear()
        self._points = 0
        identity = self.identity()
        found = [series for series in SERIES if identity.model.startswith(series.models)]
        if not found:
            raise wrong_model(self.name, self.link.address, identity, "DHO800, DHO900 or MSO5000")
        self.known, self.series = identity, found[0]
        self.accuracy = tuple(self.channel_accuracy(scale, 0.0) for scale in (0.01, 0.1, 1.0, 10.0))
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def configure_channel(
        self, channel: int, *, volts_per_div: float, offset_volts: float = 0.0, bandwidth_hz: float | None = None
    ) -> None:
        """Switch a channel on, DC coupled. The screen shows -offset_volts +- 4 div; bandwidth None is the full one."""
        self._known_channel(channel)
        in_range(self.name, "volts_per_div", volts_per_div, low=MIN_SCALE, high=MAX_SCALE, unit="V/div")
        reach = next(volts for scale, volts in self.series.offsets if volts_per_div <= scale)
        in_range(self.name, "offset_volts", offset_volts, low=-reach, high=reach, unit="V")
        if bandwidth_hz is not None and bandwidth_hz not in self.series.bandwidths:
            allowed = ", ".join(f"{hertz:g}" for hertz in self.series.bandwidths)
            what = f"{bandwidth_hz:g} Hz is no bandwidth limit"
            raise OutOfRange(self.name, "bandwidth", what, f"choose {allowed} or None")
        settings = (
            "DISP ON",
            "PROB 1",
            "COUP DC",
            f"BWL {'OFF' if bandwidth_hz is None else f'{bandwidth_hz / 1e6:.0f}M'}",
            f"SCAL {volts_per_div:.6g}",
            f"OFFS {offset_volts:.6g}",
        )
        with self.link.lock:
            for setting in settings:
                self.link.write(f":CHAN{channel}:{setting}")
            check_errors(self.link, f":CHAN{channel}: {', '.join(settings)}")
            self._channels[channel] = (volts_per_div, offset_volts)

    def channel_off(self, channel: int) -> None:
        """Switch a channel off, which frees memory and sample rate for the others."""
        self._known_channel(channel)
        with self.link.lock:
            set_checked(self.link, f":CHAN{channel}:DISP OFF")
            self._channels.pop(channel, None)

    def configure_time(self, *, sample_rate_hz: float, points: int, pretrigger: float) -> float:
        """Memory of `points`, of which the part `pretrigger` (0 to 1) lies before the trigger; returns the sample rate.

        Call after the channels: memory and rate depend on how many are on. OutOfRange names what is allowed.
        InstrumentError if the instrument takes another rate than the one asked for.
        """
        fastest, depths = self.series.memory[1 if len(self._channels) <= 1 else 2 if len(self._channels) == 2 else 4]
        if points not in depths:
            what = f"{points} points is no memory depth with {len(self._channels)} channels on"
            raise OutOfRange(self.name, "points", what, f"choose one of {', '.join(map(str, depths))}")
        in_range(self.name, "pretrigger", pretrigger, low=0.0, high=1.0, unit="of the memory")
        in_range(self.name, "sample_rate_hz", sample_rate_hz, low=1e-3, high=fastest, unit="Sa/s")
        scale = points / (X_DIVISIONS * sample_rate_hz)
        in_range(self.name, "time scale", scale, low=MIN_TIME_SCALE, high=MAX_TIME_SCALE, unit="s/div")
        offset = (0.5 - pretrigger) * X_DIVISIONS * scale
        with self.link.lock:
            if self.series.depth_needs_run:
                set_checked(self.link, ":TRIG:SWE AUTO")
                set_checked(self.link, ":RUN")
            set_checked(self.link, f":ACQ:MDEP {points}")
            set_checked(self.link, f":TIM:MAIN:SCAL {scale:.9g}")
            set_checked(self.link, f":TIM:MAIN:OFFS {offset:.9g}")
            actual = query_number(self.link, ":ACQ:SRAT?")
            self._points = round(query_number(self.link, ":ACQ:MDEP?"))
            if self.series.depth_needs_run:
                self.stop()
        if self._points != points or abs(actual / sample_rate_hz - 1.0) > RATE_TOLERANCE:
            what = f"it took {self._points} points at {actual:g} Sa/s instead of {points} at {sample_rate_hz:g}"
            raise InstrumentError(self.name, ":ACQ:SRAT?", what, "choose a rate it has: points / (10 x time scale)")
        return actual

    def trigger(self, channel: int, level_volts: float, slope: Slope) -> None:
        """Edge trigger on a configured channel; the level must lie near enough to the screen's centre."""
        self._known_channel(channel)
        if channel not in self._channels:
            what = f"channel {channel} has not been configured"
            raise OutOfRange(self.name, "trigger", what, "call configure_channel() first")
        scale, offset = self._channels[channel]
        reach = self.series.trigger_reach * scale
        low, high = -reach - offset, reach - offset
        in_range(self.name, "level_volts", level_volts, low=low, high=high, unit="V")
        with self.link.lock:
            set_checked(self.link, ":TRIG:MODE EDGE")
            set_checked(self.link, f":TRIG:EDGE:SOUR CHAN{channel}")
            set_checked(self.link, f":TRIG:EDGE:SLOP {_SLOPES[slope]}")
            set_checked(self.link, f":TRIG:EDGE:LEV {level_volts:.6g}")

    def arm(self) -> None:
        """One single acquisition; returns when it waits for the trigger or its pretrigger memory fills.

        Until the state has left "stop", the old capture could be taken for the new one.
        """
        with self.link.lock:
            set_checked(self.link, ":SING")
            for _ in range(ARM_POLLS):
                if self.state() != "stop":
                    return
                self.link.clock.sleep(ARM_WAIT)
        what = f"it has not started after {ARM_POLLS * ARM_WAIT:g} s"
        raise InstrumentError(self.name, ":SING", what, "a trigger that fires at once, or playback, prevents arming")

    def force(self) -> None:
        """Trigger an armed acquisition now, whatever the signal does."""
        set_checked(self.link, ":TFOR")

    def state(self) -> AcquisitionState:
        """ "wait" for the trigger, "run" (memory fills), "triggered" (memory completes), "stop" (done, or stopped)."""
        reply = self.link.query(":TRIG:STAT?").strip()
        state = _STATES.get(reply)
        if state is None:  # AUTO too: a single acquisition never triggers by itself
            what = f"trigger state {reply!r} of a single acquisition"
            raise ProtocolError(self.name, ":TRIG:STAT?", what, "check the sweep mode on its panel")
        return state

    def stop(self) -> None:
        """Stop acquiring, read back. Idempotent."""
        with self.link.lock:
            set_checked(self.link, ":STOP")
            if self.state() != "stop":
                raise InstrumentError(self.name, ":STOP", "it goes on acquiring", "look at its panel")

    def fetch(self, channel: int) -> Waveform:
        """The whole memory of one channel. Only when stopped: InstrumentError otherwise."""
        self._known_channel(channel)
        with self.link.lock:
            if self.state() != "stop":
                what = "its memory can only be read when the acquisition is done"
                raise InstrumentError(self.name, ":WAV:DATA?", what, "wait for state() 'stop' or call stop()")
            points = round(query_number(self.link, ":ACQ:MDEP?"))
            scale = query_number(self.link, f":CHAN{channel}:SCAL?")
            set_checked(self.link, f":WAV:SOUR CHAN{channel}")
            self._raw_codes()
            check_errors(self.link, f":WAV:FORM {self.series.form}")
            preamble = parse_preamble(self.name, self.link.query(":WAV:PRE?"), self.series.form)
            codes = np.empty(points, dtype="<u2" if self.series.form == "WORD" else "u1")
            room = codes.data.cast("B")
            for first in range(0, points, self.series.page):
                self._page(first, min(first + self.series.page, points), room, codes.itemsize)
            check_errors(self.link, ":WAV:DATA?")
        return _waveform(preamble, codes.astype(np.uint16, copy=False), scale, self.series)

    def make_safe(self) -> None:
        """A digitizer drives nothing: it stops, so that its memory stays as it is."""
        self.stop()

    def read_back(self) -> dict[str, object]:
        """State, sample rate (Sa/s) and memory depth as the instrument reports them."""
        with self.link.lock:
            return {
                "state": self.state(),
                "sample_rate": query_number(self.link, ":ACQ:SRAT?"),
                "points": round(query_number(self.link, ":ACQ:MDEP?")),
            }

    def channel_accuracy(self, volts_per_div: float, offset_volts: float) -> Accuracy:
        """DC gain as a part of full scale, and 0.1 div + 2 mV + 1 % of the offset (1.5 % up to 0.2 V/div)."""
        full_scale = Y_DIVISIONS * volts_per_div
        of_offset = 0.015 if volts_per_div <= 0.2 else 0.01
        gain = self.series.gain_fine if volts_per_div <= 5e-3 else self.series.gain
        return Accuracy(
            "measure voltage",
            full_scale,
            offset_abs=0.1 * volts_per_div + 2e-3 + of_offset * abs(offset_volts),
            # a part of full scale is a slope: at the edge of the screen, half of it, twice that part of the reading
            gain_frac=2.0 * gain,
            resolution=full_scale / 2**self.series.bits,
            timebase_ppm=self.series.timebase_ppm,
            skew_s=2e-9,  # typical
            conditions=f"time base: {self.series.ageing_ppm:g} ppm a year more since its adjustment",
            models=f"{self.series.models}.*",
            source=self.series.source,
            verified=self.series.verified,
        )

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the instrument stays as it is."""
        self.link.close()

    def _known_channel(self, channel: int) -> None:
        if channel not in range(1, CHANNELS + 1):
            raise OutOfRange(self.name, "channel", f"channel {channel} is not 1 to {CHANNELS}", "correct the signal")

    def _raw_codes(self) -> None:
        self.link.write(":WAV:MODE RAW")
        self.link.write(f":WAV:FORM {self.series.form}")

    def _page(self, first: int, last: int, room: memoryview, width: int) -> None:
        """Points first..last-1 (from 0), each of `width` bytes, into their place."""
        wanted = width * (last - first)
        for _ in range(EMPTY_RETRIES):
            self._raw_codes()
            self.link.write(f":WAV:STAR {first + 1}")
            self.link.write(f":WAV:STOP {last}")
            got = len(self.link.query_block(":WAV:DATA?", into=room[width * first : width * last]))
            if got == wanted:
                return
            if got:
                what = f"a page of {got} bytes instead of {wanted}"
                raise ProtocolError(self.name, ":WAV:DATA?", what, "check the memory depth on its panel")
            self.link.clock.sleep(EMPTY_WAIT)
        what = f"{EMPTY_RETRIES} empty blocks in a row"
        raise ProtocolError(self.name, ":WAV:DATA?", what, "acquire again: the memory may hold no capture")


def _waveform(preamble: Preamble, codes: np.ndarray, volts_per_div: float, series: Series) -> Waveform:
    half_screen = Y_DIVISIONS / 2 * volts_per_div / preamble.y_increment
    top = 0xFFFF if series.form == "WORD" else 0xFF
    return Waveform(
        codes=codes,
        dt_s=preamble.x_increment,
        start_s=preamble.x_origin,
        scale=preamble.y_increment,
        offset=-(preamble.y_origin + preamble.y_reference) * preamble.y_increment,
        code_min=max(0, round(preamble.y_reference - half_screen)) + series.code_step,
        code_max=min(top, round(preamble.y_reference + half_screen)) - series.code_step,
    )

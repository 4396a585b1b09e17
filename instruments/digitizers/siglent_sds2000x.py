"""Siglent SDS2000X Plus (8 and 10 bit) and SDS2000X HD (12 bit), four channels.

Source: "SDS Series Programming Guide" (EN11), not itself read: an extract of EN11D, three public drivers written from
it with its page numbers (scopehal, pymeasure, an 800X HD driver tried on an SDS824X HD) and their notes. All commands
below appear in two of them. Measured there on real instruments and built in here:
- There is no error queue to rely on: what is not allowed is ignored or changed, so every setting is read back.
- Memory, sample rate and time scale are taken only while the scope runs (mode AUTO), and only after a while; vertical
  settings only while the channel is on; a trigger source that is off falls back to LINE.
- The status still says Stop for a moment after a single acquisition has been armed.
- The record is the screen: points = sample rate x 10 x time scale, whatever depth the memory could have.
- A block ends with two line feeds; firmware of the Plus up to 1.3.9R6 counts samples, not bytes, in its header; a page
  may be shorter than :WAV:MAXP? says; a start behind the end of the record is never answered.
- A single acquisition that is stopped before its trigger leaves an empty record.
Not verified: data sheet figures, that FSRate takes every rate of the 1-2-5 series, the words that queries answer, the
sign of the descriptor's delay (public programs differ; with the trigger in the middle of the record it is no matter).
"""

from __future__ import annotations

import re
from typing import Self

import numpy as np

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.digitizers.siglent_series import OFFSETS, PLUS, SERIES
from instruments.digitizers.siglent_wavedesc import WaveDesc, parse_wavedesc
from instruments.errors import InstrumentError, OutOfRange, ProtocolError
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity, Waveform
from instruments.recovery import recover
from instruments.roles import AcquisitionState, Capability, Slope
from instruments.scpi import in_range, query_identity, query_number, wrong_model

CHANNELS = 4
X_DIVISIONS, Y_DIVISIONS = 10, 8
MIN_SCALE, MAX_SCALE = 500e-6, 10.0  # V/div
MIN_TIME_SCALE, MAX_TIME_SCALE = 1e-9, 1000.0  # s/div
TRIGGER_REACH = 4.1  # divisions from the middle of the screen
LEVEL_STEP = 0.05  # divisions; the level is taken in steps of a sixtieth
POLLS, WAIT = 100, 0.01  # times, s: how long a setting may take until it reads back
TOLERANCE = 6e-3  # of a value that reads back with three digits
_BANDWIDTHS = {None: "FULL", 20e6: "20M"}
_SLOPES: dict[Slope, str] = {"rising": "RISing", "falling": "FALLing", "either": "ALTernate"}
_STATES: dict[str, AcquisitionState] = {
    "ARM": "run", "READY": "wait", "TRIG'D": "triggered", "STOP": "stop", "FSTOP": "stop",
}  # fmt: skip
_LAST_TO_COUNT_SAMPLES = (1, 3, 9, 6)


class SiglentSds2000x:
    """Role Digitizer, probes 1x. `bits`: 10 for the finer mode of the Plus, None for the converter's own."""

    capabilities: frozenset[Capability] = frozenset({"edge trigger"})
    second_client: bool | None = None

    def __init__(self, link: VisaLink, *, bits: int | None = None) -> None:
        self.link, self.name = link, link.name
        self.series = PLUS
        self.accuracy: tuple[Accuracy, ...] = ()
        self._wanted_bits = bits
        self._channels: dict[int, tuple[float, float]] = {}  # on: (V/div, offset)
        self.known = NOBODY

    @classmethod
    def connect(
        cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 2.0, bits: int | None = None
    ) -> Self:
        """Open and identify. Changes no setting."""
        return open_scpi(lambda link: cls(link, bits=bits), entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s)

    @classmethod
    def declared(cls, link: VisaLink, identity: str, *, bits: int | None = None) -> Self | None:
        """The scope that a bench file's identity means, before it answers; None when it names no series."""
        made = cls(link, bits=bits)
        found = [series for series in SERIES if series.model in identity]
        if not found:
            return None
        made.series = found[0]
        return made

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument."""
        self._channels.clear()
        identity = self.identity()
        found = [s for s in SERIES if identity.model.startswith("SDS2") and identity.model.endswith(s.model)]
        if not found:
            raise wrong_model(self.name, self.link.address, identity, "SDS2000X Plus or SDS2000X HD")
        self.known, self.series = identity, found[0]
        if self._wanted_bits not in {None, *self.series.resolutions}:
            what = f"a {identity.model} has no mode of {self._wanted_bits} bits"
            raise OutOfRange(self.name, "bits", what, f"choose one of {', '.join(map(str, self.series.resolutions))}")
        self.accuracy = tuple(self.channel_accuracy(scale, 0.0) for scale in (0.01, 0.1, 1.0, 10.0))
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    @property
    def bits(self) -> int:
        return self._wanted_bits or min(self.series.resolutions)

    def configure_channel(
        self, channel: int, *, volts_per_div: float, offset_volts: float = 0.0, bandwidth_hz: float | None = None
    ) -> None:
        """Switch a channel on, DC coupled. The screen shows -offset_volts +- 4 div; bandwidth None is the full one."""
        self._known_channel(channel)
        in_range(self.name, "volts_per_div", volts_per_div, low=MIN_SCALE, high=MAX_SCALE, unit="V/div")
        reach = next(volts for scale, volts in OFFSETS if volts_per_div <= scale)
        in_range(self.name, "offset_volts", offset_volts, low=-reach, high=reach, unit="V")
        if bandwidth_hz not in _BANDWIDTHS:
            raise OutOfRange(
                self.name, "bandwidth", f"{bandwidth_hz:g} Hz is no bandwidth limit", "choose 20e6 or None"
            )
        start = f":CHAN{channel}:"
        with self.link.lock:
            self._choose(f"{start}SWIT", "ON")
            self._choose(f"{start}COUP", "DC")
            self._choose(f"{start}IMP", "ONEMeg")
            self.link.write(f"{start}PROB VAL,1")
            self._settled(f"{start}PROB?", 1.0, TOLERANCE)
            self._choose(f"{start}BWL", _BANDWIDTHS[bandwidth_hz])
            self._set(f"{start}SCAL", volts_per_div, TOLERANCE * volts_per_div)
            self._set(f"{start}OFFS", offset_volts, TOLERANCE * max(abs(offset_volts), Y_DIVISIONS * volts_per_div))
            self._channels[channel] = (volts_per_div, offset_volts)

    def channel_off(self, channel: int) -> None:
        """Switch a channel off, which frees memory and sample rate for the others."""
        self._known_channel(channel)
        with self.link.lock:
            self._choose(f":CHAN{channel}:SWIT", "OFF")
            self._channels.pop(channel, None)

    def configure_time(self, *, sample_rate_hz: float, points: int, pretrigger: float) -> float:
        """A record of `points`, of which the part `pretrigger` (0 to 1) lies before the trigger; returns the rate
        as it reads back.

        Call after the channels. InstrumentError if the instrument takes another rate or number of points.
        """
        on = 1 if len(self._channels) <= 1 else 2
        in_range(self.name, "points", points, low=100, high=self.series.deepest[on], unit="points")
        in_range(self.name, "pretrigger", pretrigger, low=0.0, high=1.0, unit="of the record")
        in_range(self.name, "sample_rate_hz", sample_rate_hz, low=1.0, high=self.series.fastest[on], unit="Sa/s")
        scale = points / (X_DIVISIONS * sample_rate_hz)
        in_range(self.name, "time scale", scale, low=MIN_TIME_SCALE, high=MAX_TIME_SCALE, unit="s/div")
        delay = (0.5 - pretrigger) * X_DIVISIONS * scale
        with self.link.lock:
            self._choose(":TRIG:MODE", "AUTO")
            if resolution := self.series.resolutions[self.bits]:
                self._choose(":ACQ:RES", resolution)
            self._choose(":ACQ:MMAN", "FSRate")
            self._set(":TIM:SCAL", scale, TOLERANCE * scale)
            rate = self._set(":ACQ:SRAT", sample_rate_hz, TOLERANCE * sample_rate_hz)
            self._set(":TIM:DEL", delay, TOLERANCE * X_DIVISIONS * scale)
            self._settled(":ACQ:POIN?", points, TOLERANCE * points)
            self.stop()
        return rate

    def trigger(self, channel: int, level_volts: float, slope: Slope) -> None:
        """Edge trigger on a configured channel; the level must lie within 4.1 divisions of the screen's centre."""
        self._known_channel(channel)
        if channel not in self._channels:
            what = f"channel {channel} has not been configured"
            raise OutOfRange(self.name, "trigger", what, "call configure_channel() first")
        scale, offset = self._channels[channel]
        low, high = -TRIGGER_REACH * scale - offset, TRIGGER_REACH * scale - offset
        in_range(self.name, "level_volts", level_volts, low=low, high=high, unit="V")
        with self.link.lock:
            self._choose(":TRIG:TYPE", "EDGE")
            self._choose(":TRIG:EDGE:SOUR", f"C{channel}")
            self._choose(":TRIG:EDGE:SLOP", _SLOPES[slope])
            self._set(":TRIG:EDGE:LEV", level_volts, LEVEL_STEP * scale)

    def arm(self) -> None:
        """One single acquisition; returns when it waits for the trigger or its pretrigger memory fills.

        Until the state has left "stop", the old capture could be taken for the new one.
        """
        with self.link.lock:
            self.link.write(":TRIG:STOP")
            self.link.write(":TRIG:MODE SING")
            for _ in range(POLLS):
                if self.state() != "stop":
                    return
                self.link.clock.sleep(WAIT)
        what = f"it has not started after {POLLS * WAIT:g} s"
        raise InstrumentError(self.name, ":TRIG:MODE SING", what, "a trigger that fires at once prevents arming")

    def force(self) -> None:
        """Trigger an armed acquisition now, whatever the signal does."""
        self.link.write(":TRIG:MODE FTRIG")

    def state(self) -> AcquisitionState:
        """ "run" (memory fills), "wait" for the trigger, "triggered" (memory completes), "stop" (done, or stopped)."""
        reply = self.link.query(":TRIG:STAT?").strip()
        state = _STATES.get(reply.upper())
        if state is None:  # Auto and Roll too: a single acquisition never triggers by itself
            what = f"trigger state {reply!r} of a single acquisition"
            raise ProtocolError(self.name, ":TRIG:STAT?", what, "check the trigger mode on its panel")
        return state

    def stop(self) -> None:
        """Stop acquiring, read back. Idempotent."""
        with self.link.lock:
            self.link.write(":TRIG:STOP")
            for _ in range(POLLS):
                if self.link.query(":TRIG:STAT?").strip().upper() in {"STOP", "FSTOP"}:
                    return
                self.link.clock.sleep(WAIT)
        raise InstrumentError(self.name, ":TRIG:STOP", "it goes on acquiring", "look at its panel")

    def fetch(self, channel: int) -> Waveform:
        """The whole record of one channel. Only when stopped: InstrumentError otherwise."""
        self._known_channel(channel)
        words = self.bits > 8
        with self.link.lock:
            if self.state() != "stop":
                what = "its memory can only be read when the acquisition is done"
                raise InstrumentError(self.name, ":WAV:DATA?", what, "wait for state() 'stop' or call stop()")
            self._choose(":WAV:SOUR", f"C{channel}")
            self._choose(":WAV:WIDT", "WORD" if words else "BYTE")
            for setting in (":WAV:STAR 0", ":WAV:INT 1", ":WAV:POIN 0"):
                self.link.write(setting)
            desc = parse_wavedesc(self.name, bytes(self.link.query_block(":WAV:PRE?", line_feeds=2)))
            if not desc.count:
                raise InstrumentError(self.name, ":WAV:PRE?", "its record is empty", "arm it and wait for a trigger")
            if desc.words != words:
                raise ProtocolError(self.name, ":WAV:PRE?", "the record has another width than asked", "fetch again")
            codes = np.empty(desc.count, dtype="<i2" if words else "i1")
            self._pages(codes)
        return _waveform(desc, codes, self.bits)

    def make_safe(self) -> None:
        """A digitizer drives nothing: it stops, so that its memory stays as it is."""
        self.stop()

    def read_back(self) -> dict[str, object]:
        """State (its own word for any but those of a single acquisition), sample rate (Sa/s), points of the record."""
        with self.link.lock:
            state = self.link.query(":TRIG:STAT?").strip()
            return {
                "state": _STATES.get(state.upper(), state),
                "sample_rate": query_number(self.link, ":ACQ:SRAT?"),
                "points": round(query_number(self.link, ":ACQ:POIN?")),
            }

    def channel_accuracy(self, volts_per_div: float, offset_volts: float) -> Accuracy:
        """DC gain as a part of full scale, and 0.1 div + 2 mV + 1.5 % of the offset."""
        full_scale = Y_DIVISIONS * volts_per_div
        return Accuracy(
            "measure voltage",
            full_scale,
            offset_abs=0.1 * volts_per_div + 2e-3 + 0.015 * abs(offset_volts),
            # a part of full scale is a slope: at the edge of the screen, half of it, twice that part of the reading
            gain_frac=2.0 * self.series.gain,
            resolution=full_scale / 2**self.bits,
            timebase_ppm=self.series.timebase_ppm,
            skew_s=2e-9,
            models=f"SDS2.*{self.series.model}",
            source=self.series.source,
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

    def _choose(self, header: str, word: str) -> None:
        """A setting that is a word, read back in its long or its short form."""
        self.link.write(f"{header} {word}")
        allowed = {word.upper(), re.sub("[a-z]", "", word)}
        for _ in range(POLLS):
            reply = self.link.query(f"{header}?").strip()
            if reply.upper() in allowed:
                return
            self.link.clock.sleep(WAIT)
        raise self._refused(f"{header} {word}", reply)

    def _set(self, header: str, value: float, tolerance: float) -> float:
        """A setting that is a number; what it reads back."""
        self.link.write(f"{header} {value:.6E}")
        return self._settled(f"{header}?", value, tolerance)

    def _settled(self, query: str, value: float, tolerance: float) -> float:
        for _ in range(POLLS):
            actual = query_number(self.link, query)
            if abs(actual - value) <= tolerance:
                return actual
            self.link.clock.sleep(WAIT)
        raise self._refused(f"{query} {value:g}", f"{actual:g}")

    def _refused(self, command: str, seen: str) -> InstrumentError:
        what = f"it reads back {seen} after {POLLS * WAIT:g} s"
        return InstrumentError(self.name, command, what, "choose a value it has; nobody may work at its panel")

    def _pages(self, codes: np.ndarray) -> None:
        """The record in pages; the instrument decides how many points come at once."""
        room = codes.data.cast("B")
        counted = codes.itemsize if self.series.counts_samples and _counts_samples(self.known.firmware) else 1
        done = 0
        while done < len(codes):
            self.link.write(f":WAV:STAR {done}")
            view = room[done * codes.itemsize :]
            got = len(self.link.query_block(":WAV:DATA?", into=view, item_bytes=counted, line_feeds=2))
            if not got or got % codes.itemsize:
                what = f"a page of {got} bytes at point {done} of {len(codes)}"
                raise ProtocolError(self.name, ":WAV:DATA?", what, "acquire again; check the firmware")
            done += got // codes.itemsize


def _counts_samples(firmware: str) -> bool:
    version = re.search(r"(\d+)\.(\d+)\.(\d+)R(\d+)$", firmware)
    return version is not None and tuple(map(int, version.groups())) <= _LAST_TO_COUNT_SAMPLES


def _waveform(desc: WaveDesc, codes: np.ndarray, bits: int) -> Waveform:
    """Signed codes are lifted by half their range, so that they are never negative."""
    half_range = 1 << (8 * codes.itemsize - 1)
    step = 1 << (8 * codes.itemsize - bits)
    half_screen = min(round(Y_DIVISIONS / 2 * desc.code_per_div), half_range - step)
    scale = desc.volts_per_div / desc.code_per_div
    return Waveform(
        codes=(codes.astype(np.int32) + half_range).astype(np.uint16),
        dt_s=desc.interval,
        start_s=desc.delay - desc.count * desc.interval / 2,
        scale=scale,
        offset=-half_range * scale - desc.offset,
        code_min=half_range - half_screen + step,
        code_max=half_range + half_screen - step,
    )

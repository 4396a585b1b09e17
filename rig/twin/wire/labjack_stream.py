"""Stream mode of a LabJack: settings, scans that follow bench time, and the spontaneous packets on the stream port.

Written from T-Series Datasheet 3.2 "Stream Mode" and 3.2.4 "Low-Level Stream" and the vendor's example for direct
Modbus TCP. A packet is a Modbus-like header, type 16, backlog, status, additional status, then big-endian 16-bit codes:

    transaction u16 | protocol 0 u16 | length u16 | unit 1 u8 | function 76 u8 | type 16 u8 | reserved 0 u8 |
    backlog bytes u16 | status u16 | additional status u16 | samples u16 ...

A client that does not listen loses scans when the buffer of the device is full: then come the buffered scans with
status 2940, and one scan of FFFF with status 2941 and the number of scans lost. Detail codes of refusals (2605 to 2607,
2620) are those of the vendor's error list. Settling is register 4008 (vendor's register description): below 1 us it is
automatic, which a T7 makes about 5 us above 60 kS/s; at most 4400 us; the first channel of a scan needs none. A scan
that settling makes longer than its interval overlaps the next one: the stream ends with an empty packet of status 2942
(the number is the vendor's, that it comes at once is [K]).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rig.twin.clock import PS_PER_S
from rig.twin.wire.labjack_models import LabjackModel

MOST_ADDRESSES = 128
MOST_SAMPLES_PER_PACKET = 512  # over TCP
DEFAULT_BUFFER = 4096  # bytes
TICK_PS = 12_500  # the 80 MHz timer that paces scans
LONGEST_SETTLING_US = 4400.0
SETTLING_US, SHORT_SETTLING_US = 10.0, 5.0  # the automatic one, up to and above 60 kS/s
FAST_SAMPLES_PER_SECOND = 60e3
CONVERSION_US = 5.0  # so that 100 kS/s are possible with the shortest settling; [K]
TARGET_ETHERNET = 1
SEPARATOR = 0xFFFF  # never a reading of an analog input

OVERFLOWING, OVERFLOW_END, SCAN_OVERLAP, BURST_COMPLETE = 2940, 2941, 2942, 2944
IS_ACTIVE, BAD_SCAN_LIST, BAD_CONFIGURATION, NOT_RUNNING = 2605, 2606, 2607, 2620

HEADER_WORDS = 8
_CHUNK = 1 << 16  # scans rendered at a time


class Recorder(Protocol):
    """What the stream needs of the recorder's physics."""

    def begin(self, settling: float) -> None: ...

    def scans_ready(self, channels: int, start_ps: int, scan_ps: float) -> int: ...

    def codes(
        self, channels: Sequence[str], ranges: Sequence[float], start_ps: int, scan_ps: float, first_scan: int, n: int
    ) -> NDArray[np.uint16]: ...


class Listener(Protocol):
    """The client of the stream port."""

    @property
    def open(self) -> bool: ...

    def send(self, data: bytes) -> None: ...


class StreamRefused(Exception):
    """`detail` is the vendor's error number."""

    def __init__(self, detail: int) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(slots=True)
class StreamSettings:
    """The registers 4002 to 4100 as written; the scan list holds Modbus addresses."""

    scan_rate_hz: float = 0.0
    addresses: int = 0
    samples_per_packet: int = 0
    settling_us: float = 0.0
    resolution: int = 0
    buffer_bytes: int = 0  # 0 means the default
    clock_source: int = 0
    auto_target: int = 0
    datatype: int = 0
    scans: int = 0  # 0 means until it is stopped
    scan_list: list[int] = field(default_factory=lambda: [0] * MOST_ADDRESSES)

    def scan_ps(self) -> int:
        """The scan interval that the timer can make, ps."""
        return max(1, round(PS_PER_S / self.scan_rate_hz / TICK_PS)) * TICK_PS

    def settling(self) -> float:
        """After switching to a channel, s."""
        if self.settling_us >= 1.0:
            return self.settling_us * 1e-6
        fast = self.scan_rate_hz * self.addresses > FAST_SAMPLES_PER_SECOND
        return (SHORT_SETTLING_US if fast else SETTLING_US) * 1e-6

    def overlaps(self, model: LabjackModel) -> bool:
        """Whether a scan takes longer than its interval."""
        if not model.multiplexed:
            return False
        taken = (self.addresses - 1) * (self.settling() + CONVERSION_US * 1e-6) + CONVERSION_US * 1e-6
        return round(taken * PS_PER_S) > self.scan_ps()

    def check(self, model: LabjackModel) -> None:
        """Raises StreamRefused for what the device would not start."""
        used = self.scan_list[: self.addresses]
        if not 1 <= self.addresses <= MOST_ADDRESSES or any(a % 2 or a >= 2 * model.channels for a in used):
            raise StreamRefused(BAD_SCAN_LIST)
        buffer = self.buffer_bytes or DEFAULT_BUFFER
        if (
            not 0 < self.scan_rate_hz * self.addresses <= model.samples_per_s
            or self.scan_rate_hz > model.scans_per_s
            or not 1 <= self.samples_per_packet <= MOST_SAMPLES_PER_PACKET
            or not self.settling_us <= LONGEST_SETTLING_US
            or buffer > model.largest_buffer
            or buffer & (buffer - 1)
            or (self.auto_target, self.clock_source, self.datatype) != (TARGET_ETHERNET, 0, 0)
        ):
            raise StreamRefused(BAD_CONFIGURATION)


class Stream:
    """The running stream. `pump` sends all packets that are complete at the present bench time."""

    def __init__(self, recorder: Recorder, model: LabjackModel) -> None:
        self._model = model
        self.settings = StreamSettings()
        self.running = False
        self.sent_bytes = 0
        self._recorder = recorder
        self._listener: Listener | None = None
        self._transaction = 0
        self._start_ps = 0
        self._channels: list[str] = []
        self._ranges: list[float] = []
        self._next_scan = 0
        self._carry: NDArray[np.uint16] = np.empty(0, dtype=np.uint16)
        self._heard = True

    @property
    def flowing(self) -> bool:
        """Whether packets leave as time goes by."""
        return self.running and self._listener is not None and self._listener.open

    def attach(self, listener: Listener) -> None:
        """The newest client of the stream port gets the packets."""
        self._listener = listener
        self.pump()

    def start(self, now_ps: int, ranges: Sequence[float]) -> None:
        """Scan 0 is taken now. `ranges` are the full scales of all inputs. Raises StreamRefused."""
        if self.running:
            raise StreamRefused(IS_ACTIVE)
        self.settings.check(self._model)
        inputs = [address // 2 for address in self.settings.scan_list[: self.settings.addresses]]
        self._channels = [f"AIN{n}" for n in inputs]
        self._ranges = [ranges[n] for n in inputs]
        self._start_ps, self._next_scan = now_ps, 0
        self._carry = np.empty(0, dtype=np.uint16)
        self._transaction, self._heard = 0, True
        self._recorder.begin(self.settings.settling())
        self.running = True

    def stop(self) -> None:
        """Scans that do not fill a packet are lost. Raises StreamRefused when nothing runs."""
        if not self.running:
            raise StreamRefused(NOT_RUNNING)
        self.running = False

    def pump(self) -> None:
        """Send what is due. Without a listener the scans wait in the device's buffer."""
        if not self.running:
            return
        listener = self._listener
        if listener is None or not listener.open:
            self._heard = False
            return
        settings = self.settings
        if settings.overlaps(self._model):
            self._packets(listener, np.empty((1, 0), dtype=np.uint16), SCAN_OVERLAP, 0)
            self.running = False
            return
        ready = self._recorder.scans_ready(len(self._channels), self._start_ps, settings.scan_ps())
        burst = settings.scans
        if burst:
            ready = min(ready, burst)
        if not self._heard:
            self._recover(listener, ready)
        # Scans are rendered when they fill a packet: what fills none stays in the device's buffer.
        missing = -(-(settings.samples_per_packet - len(self._carry)) // len(self._channels))
        if ready < self._next_scan + missing and not (burst and ready == burst):
            return
        while self._next_scan < ready:
            self._send(listener, self._take(min(ready, self._next_scan + _CHUNK)), 0)
        if burst and ready == burst and len(self._carry):
            self._packets(listener, self._carry[None], BURST_COMPLETE, 0)
            self._carry = self._carry[:0]

    def _recover(self, listener: Listener, ready: int) -> None:
        """Somebody listens again: first what the buffer could hold, then how much it could not."""
        self._heard = True
        room = (self.settings.buffer_bytes or DEFAULT_BUFFER) // (2 * len(self._channels))
        lost = ready - self._next_scan - room
        if lost <= 0:
            return
        self._send(listener, self._take(self._next_scan + room), OVERFLOWING)
        mark = np.full(len(self._channels), SEPARATOR, dtype=np.uint16)
        self._packets(listener, np.concatenate((self._carry, mark))[None], OVERFLOW_END, min(lost, 0xFFFF))
        self._carry = self._carry[:0]
        self._next_scan = ready

    def _take(self, end: int) -> NDArray[np.uint16]:
        """The samples of the scans up to `end`, after those that did not fill a packet."""
        first, self._next_scan = self._next_scan, end
        scan_ps = self.settings.scan_ps()
        codes = self._recorder.codes(self._channels, self._ranges, self._start_ps, scan_ps, first, end - first)
        return np.concatenate((self._carry, np.minimum(codes.ravel(), SEPARATOR - 1)))

    def _send(self, listener: Listener, samples: NDArray[np.uint16], status: int) -> None:
        """Whole packets of `samples`; what fills none is carried."""
        size = self.settings.samples_per_packet
        whole = len(samples) // size * size
        self._packets(listener, samples[:whole].reshape(-1, size), status, 0)
        self._carry = samples[whole:]

    def _packets(self, listener: Listener, samples: NDArray[np.uint16], status: int, additional: int) -> None:
        """Packets with one row of `samples` each, in one piece."""
        count, size = samples.shape
        words = np.empty((count, HEADER_WORDS + size), dtype=">u2")
        words[:, 0] = (self._transaction + np.arange(count)) & 0xFFFF
        words[:, 1:HEADER_WORDS] = (0, 10 + 2 * size, 1 << 8 | 76, 16 << 8, 0, status, additional)
        words[:, HEADER_WORDS:] = samples
        self._transaction = (self._transaction + count) & 0xFFFF
        listener.send(words.tobytes())
        self.sent_bytes += words.nbytes


class StreamSession:
    """A client of the stream port: the device says all, what the client says is dropped."""

    def requests(self, data: bytes) -> list[bytes]:
        return []

    def answered(self, request: bytes) -> bool:
        return False

    def sets(self, request: bytes) -> bool:
        return False

    def execute(self, request: bytes) -> bytes:
        return b""

    def interrupted(self) -> None:
        """Nothing is ever asked here."""

"""The limits that the defects break: one row of the catalogue of test cases each, with its number and its source.

`status` as in the files of limits: standard, borrowed, rig-default, or vendor (declared by the device's maker, or by
the values of the sound device in the scene).
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """The true `quantity` must not lie above `high` nor below `low`; SI in `unit`, or a "count"."""

    clause: str
    quantity: str
    unit: str
    status: Literal["standard", "borrowed", "rig-default", "vendor"]
    source: str
    high: float | None = None
    low: float | None = None


SELV = Limit("SELV-01", "port_voltage_peak", "V", "standard", "Requirement text, Safety: always < 60 V", high=60.0)

SHORT_TIME = Limit("SC-01", "operate_time", "s", "rig-default", "switch-type port, t.b.d. in the standard", high=500e-6)
SHORT_PEAK = Limit("SC-01", "peak_current", "A", "vendor", "declared by the reference device", high=300.0)
SHORT_I2T = Limit("SC-01", "let_through_i2t", "A2s", "vendor", "declared by the reference device", high=2.0)
RETRY_PAUSE = Limit("SC-02", "retry_pause", "s", "borrowed", "IEEE 802.3 PSE: error delay before a retry", low=0.75)

MUST_TRIP = Limit(
    "OC-01", "overload_time", "s", "borrowed", "GOGLA Connect must-trip curve at 1.5 x, fitted by eye", high=0.899
)
MUST_NOT_TRIP = Limit("OC-01", "nuisance_trips", "count", "borrowed", "GOGLA Connect: never at 1.05 x", high=0.0)
INRUSH = Limit("OC-02", "inrush_trips", "count", "borrowed", "GOGLA Connect no-trip area: 3 x for 20 ms", high=0.0)

RECOVERY_TIME = Limit(
    "REC-01", "recovery_time", "s", "rig-default", "automatic recovery; time t.b.d. in the standard", high=10.0
)

PEAK_POWER = Limit("PWR-01", "full_load_voltage", "V", "borrowed", "IEEE P2030.10: 36 V at the consumer", low=36.0)
SET_POINT = Limit("DRP-01", "intercept_error", "V", "rig-default", "declared intercept +-0.5 V", high=0.5)
SLOPE = Limit("DRP-01", "droop_error", "1", "rig-default", "declared slope +-20 %", high=0.2)
START_TIME = Limit("PNP-01", "start_time", "s", "rig-default", "hot-plug: FS1 within 5 s", high=5.0)
CUT_OFF = Limit("UV-01", "cut_off_voltage", "V", "vendor", "declared minimum of the energy input", high=40.0)
HYSTERESIS = Limit("UV-01", "starts_on_ramp", "count", "rig-default", "no oscillation on a slow ramp", high=1.0)
DROPOUT = Limit("UV-02", "dropout_voltage", "V", "borrowed", "IEEE 2030.10 draft: FS1 through 100 us at 0 V", low=36.0)

REVERSE_CURRENT = Limit("RP-01", "reverse_current", "A", "vendor", "declared by the reference device", high=10e-3)

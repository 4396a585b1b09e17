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


_REFERENCE = "declared by the reference device"
_SWITCH = "switch-type port, t.b.d. in the standard"
_AUTO = "by itself; time t.b.d. in the standard"
_CONNECT = "GOGLA Connect, fitted by eye"
_CONSUMER = "IEEE P2030.10: 36 V at the consumer"
_METER = "IEC 62053-41 class 1, proposed"

SELV = Limit("SELV-01", "port_voltage_peak", "V", "standard", "Requirement text: always < 60 V", high=60.0)

SHORT_TIME = Limit("SC-01", "operate_time", "s", "rig-default", _SWITCH, high=500e-6)
SHORT_PEAK = Limit("SC-01", "peak_current", "A", "vendor", _REFERENCE, high=300.0)
SHORT_I2T = Limit("SC-01", "let_through_i2t", "A2s", "vendor", _REFERENCE, high=2.0)
SHORT_TIME_WARM = Limit("TMPR-01", "operate_time", "s", "rig-default", _SWITCH + "; same at 45 degC", high=500e-6)
SHORT_REPEATED = Limit("SC-06", "worst_operate_time", "s", "rig-default", "same as for the first short", high=500e-6)
RETURN_REPEATED = Limit("SC-06", "recovery_time", "s", "rig-default", "as after the first short", high=10.0)
RETRY_PAUSE = Limit("SC-02", "retry_pause", "s", "borrowed", "IEEE 802.3 PSE: error delay before a retry", low=0.75)
LIMIT_TIME = Limit("SC-01", "limit_time", "s", "borrowed", "IEEE 802.3 PSE: limited within 50 to 75 ms", high=75e-3)
LIMIT_CURRENT = Limit("DUMB-01", "limited_current", "A", "vendor", "declared by the limiting device", high=7.0)

TEMPERATURE = Limit("SC-04", "port_temperature", "degC", "vendor", "rating of the switch", high=125.0)
AFTER_SHORT = Limit("DUMB-01", "voltage_after_short", "V", "borrowed", _CONSUMER, low=36.0)

MUST_TRIP = Limit("OC-01", "overload_time", "s", "borrowed", f"{_CONNECT}: must trip at 1.5 x", high=0.899)
HIGH_OHMIC = Limit("SC-03", "overload_time", "s", "borrowed", f"{_CONNECT}: must trip at 1.5 x", high=0.899)
MUST_NOT_TRIP = Limit("OC-01", "nuisance_trips", "count", "borrowed", f"{_CONNECT}: never at 1.05 x", high=0)
INRUSH = Limit("OC-02", "nuisance_trips", "count", "borrowed", f"{_CONNECT}: not by 3 x for 20 ms", high=0)
BACK_FEED = Limit("OC-03", "back_fed_current", "A", "rig-default", "proposed: 10 mA into the battery", high=10e-3)
LIGHT_LOAD = Limit("OC-05", "light_load_voltage", "V", "borrowed", _CONSUMER, low=36.0)

RECOVERY_TIME = Limit("REC-01", "recovery_time", "s", "rig-default", _AUTO, high=10.0)
UNDER_RETURN = Limit("REC-01", "undervoltage_return", "s", "rig-default", _AUTO, high=10.0)
OVER_RETURN = Limit("REC-01", "overvoltage_return", "s", "rig-default", _AUTO, high=10.0)
RECOVERY_BETWEEN = Limit("REC-02", "recovery_time", "s", "vendor", "period of the battery, 3 s, + 1 s", high=4.0)
RECOVERY_OUTLASTED = Limit("REC-03", "recovery_time", "s", "rig-default", "class AUTO: always by itself", high=10.0)
RECOVERY_LOADED = Limit("REC-04", "recovery_time", "s", "rig-default", "returns with its load still on", high=10.0)

REPORT = Limit("SC-01", "wrong_reports", "count", "borrowed", "12 V link: over-current is reported by comms", high=0)

REVERSE_LEAKAGE = Limit("RP-01", "reverse_current", "A", "vendor", _REFERENCE, high=10e-3)
REVERSE_CURRENT = Limit("RP-01", "reverse_current", "A", "borrowed", "MIL-STD-1275E: rated current", high=5.0)
REVERSE_DAMAGE = Limit("RP-01", "voltage_after_reversal", "V", "borrowed", "no damage: FS1 afterwards", low=36.0)

PEAK_POWER = Limit("PWR-01", "full_load_voltage", "V", "borrowed", f"{_CONSUMER}, at 250 W", low=36.0)
LOAD_TEMPERATURE = Limit("PWR-02", "port_temperature", "degC", "vendor", "rating of the switch", high=125.0)
EFFICIENCY = Limit("PWR-01", "input_current", "A", "vendor", f"{_REFERENCE}, at 250 W", high=8.0)
SET_POINT = Limit("DRP-01", "intercept_error", "V", "rig-default", "declared intercept +-0.5 V", high=0.5)
SLOPE = Limit("DRP-01", "droop_error", "1", "rig-default", "declared slope +-20 %", high=0.2)
START_TIME = Limit("PNP-01", "start_time", "s", "rig-default", "hot-plug: FS1 within 5 s", high=5.0)
CUT_OFF = Limit("UV-01", "cut_off_voltage", "V", "vendor", f"{_REFERENCE}: least input voltage", high=40.0)
HYSTERESIS = Limit("UV-01", "starts_on_ramp", "count", "rig-default", "no oscillation on a slow ramp", high=1)
DROPOUT = Limit("UV-02", "dropout_voltage", "V", "borrowed", "IEEE 2030.10 draft: FS1 through 100 us at 0 V", low=36.0)
OVERVOLTAGE = Limit("OV-01", "voltage_at_54_v", "V", "borrowed", "ISO 21780 table: FS1 up to 54 V", low=36.0)

NOISE = Limit("NSE-01", "voltage_in_noise", "V", "rig-default", "FS1 in 4 Vpp, the 12 V link's 1 Vpp scaled", low=36.0)
ARC_TIME = Limit("ARC-01", "arc_time", "s", "vendor", "declared by the appliance", high=1.0)
FALSE_ARC = Limit("ARC-03", "nuisance_trips", "count", "rig-default", "what is no arc switches nothing off", high=0)
LASTING = Limit(
    "PAR-01", "lasting_drop", "1", "rig-default", "the voltage afterwards within 1 % of that before", high=0.01
)
SHARING = Limit("SCAL-01", "share_error", "1", "rig-default", "proposed: +-25 % of rated", high=0.25)

METER = Limit("MTR-01", "meter_error", "1", "rig-default", _METER, high=0.01)
METER_WARM = Limit("TMPR-03", "meter_error", "1", "rig-default", _METER + "; same at 45 degC", high=0.01)
METER_STEP = Limit("MTR-03", "meter_error", "1", "rig-default", _METER + "; within an hour at 250 W", high=0.01)
METER_CUT = Limit("MTR-02", "lost_energy", "J", "rig-default", "no loss beyond one step of the register", high=360.0)

LOAD_DUMP = Limit("SELV-02", "port_voltage_peak", "V", "standard", "Requirement text: always < 60 V", high=60.0)
BATTERY_PEAK = Limit("SELV-03", "battery_voltage_peak", "V", "standard", "Requirement text: always < 60 V", high=60.0)
STABILITY = Limit("DUMB-01", "swing", "1", "rig-default", "no oscillation beyond 2 % for 10 s", high=0.02)
RIPPLE = Limit("DUMB-01", "ripple", "V", "rig-default", "no oscillation beyond 2 % of 54 V", high=1.08)
HOLD_UP = Limit("AC-01", "brown_out_voltage", "V", "borrowed", "bus 36 to 58 V through 20 ms of brown-out", low=36.0)
MAINS_EXPORT = Limit("AC-01", "mains_export", "A", "rig-default", "no export when off; proposed: 10 mA", high=10e-3)

IDLE_CURRENT = Limit("MESH-02", "idle_current", "A", "rig-default", "proposed: 1 A at idle", high=1.0)
SHIFTED_SET_POINT = Limit("DRP-01", "shifted_error", "V", "rig-default", "48 V when full, +-0.5 V", high=0.5)
CIRCUIT = Limit("PWR-03", "circuit_current", "A", "borrowed", "IEEE P2030.10.1: 5 A per circuit", high=5.0)
MOTOR_START = Limit("PWR-04", "motor_start_voltage", "V", "borrowed", "ODG pilot: bus not below 40 V", low=40.0)
DAY = Limit("PWR-02", "voltage_after_a_day", "V", "borrowed", _CONSUMER + ", 24 h at 50 W", low=36.0)

GROUND_LOOP = Limit("GND-01", "ground_current", "A", "vendor", f"{_REFERENCE}: isolated", high=1e-3)
GROUND_SHIFT = Limit(
    "GND-01", "voltage_between_grounds", "V", "borrowed", _CONSUMER + ", with a volt between grounds", low=36.0
)

SHEDDING = Limit("DRP-02", "shedding_voltage", "V", "rig-default", "ODG pilot: low priority at 48 V, -0.5 V", low=47.5)
SHEDDING_COUNT = Limit("DRP-02", "stage_switchings", "count", "rig-default", "hysteresis: each stage goes once", high=3)
LOAD_INRUSH = Limit("OC-02", "inrush_current", "A", "borrowed", f"{_CONNECT}: 5 x of 4.5 A", high=22.5)
AC_RIPPLE = Limit("AC-02", "ripple_current", "A", "rig-default", "4 Vpp across half an ohm of line", high=7.5)
SLEEP_CURRENT = Limit("UV-01", "sleep_current", "A", "borrowed", "12 V link: 10 mA asleep", high=10e-3)

INTERRUPTION = Limit("MESH-01", "interruption", "s", "borrowed", "IEEE 2030.10 draft: 100 us below 36 V", high=100e-6)
JOINT_DROP = Limit("PWR-03", "consumer_voltage", "V", "borrowed", _CONSUMER, low=36.0)
SELECTIVITY = Limit("SC-08", "branch_interruption", "s", "rig-default", "the other branch stays above 36 V", high=10e-3)

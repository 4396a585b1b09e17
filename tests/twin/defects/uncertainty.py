"""What this bench typically knows of a quantity: expanded uncertainties (k = 2), SI. See the reports of whole runs.

Fast record: 1 us of trigger, delay and sampling; slow record: 2.5 kHz, one sample 0.4 ms; currents by a calibrated
shunt 1 % or 50 mA of noise and offset; port voltage 0.3 V fast, 20 mV slow; the integral of a squared current 5 %.
The reference
meter is four times better than a meter of class 1. A count is exact: half a count.
"""

from collections.abc import Callable

from rig.twin.scene.defects.limits import Limit

FAST_SECONDS, SLOW_SECONDS = 1e-6, 1e-3
VOLTS, SLOW_VOLTS = 0.3, 20e-3
ENERGY, COUNT = 0.0025, 0.5


def _amps(value: float) -> float:
    return max(0.01 * abs(value), 50e-3)


def typical(limit: Limit) -> float:
    """The expanded uncertainty of the limit's quantity near the limit."""
    value = limit.high if limit.high is not None else limit.low
    assert value is not None
    return OF[limit.quantity](value)


OF: dict[str, Callable[[float], float]] = {
    "port_voltage_peak": lambda _: VOLTS,
    "operate_time": lambda _: FAST_SECONDS,
    "worst_operate_time": lambda _: FAST_SECONDS,
    "limit_time": lambda _: FAST_SECONDS,
    "peak_current": _amps,
    "limited_current": _amps,
    "input_current": _amps,
    "reverse_current": _amps,
    "back_fed_current": _amps,
    "let_through_i2t": lambda value: 0.05 * value,
    "retry_pause": lambda _: SLOW_SECONDS,
    "arc_time": lambda _: 10 * SLOW_SECONDS,  # a noise has no edge
    "overload_time": lambda _: SLOW_SECONDS,
    "recovery_time": lambda _: SLOW_SECONDS,
    "undervoltage_return": lambda _: SLOW_SECONDS,
    "overvoltage_return": lambda _: SLOW_SECONDS,
    "start_time": lambda _: SLOW_SECONDS,
    "nuisance_trips": lambda _: COUNT,
    "starts_on_ramp": lambda _: COUNT,
    "full_load_voltage": lambda _: VOLTS,
    "light_load_voltage": lambda _: VOLTS,
    "cut_off_voltage": lambda _: VOLTS,
    "dropout_voltage": lambda _: VOLTS,
    "voltage_at_54_v": lambda _: VOLTS,
    "voltage_after_reversal": lambda _: VOLTS,
    "intercept_error": lambda _: 2 * SLOW_VOLTS,
    "droop_error": lambda _: 0.05,  # 20 mV over 5 A of 50 mohm, offsets cancel: 2 mohm
    "battery_voltage_peak": lambda _: VOLTS,
    "ripple": lambda _: VOLTS,
    "swing": lambda _: 0.005,
    "brown_out_voltage": lambda _: VOLTS,
    "mains_export": _amps,
    "idle_current": _amps,
    "circuit_current": _amps,
    "ripple_current": lambda amps: 0.02 * amps,
    "sleep_current": _amps,
    "inrush_current": _amps,
    "shifted_error": lambda _: 2 * SLOW_VOLTS,
    "motor_start_voltage": lambda _: VOLTS,
    "voltage_after_a_day": lambda _: VOLTS,
    "shedding_voltage": lambda _: VOLTS,
    "stage_switchings": lambda _: COUNT,
    "interruption": lambda _: FAST_SECONDS,
    "consumer_voltage": lambda _: VOLTS,
    "branch_interruption": lambda _: FAST_SECONDS,
    "port_temperature": lambda _: 2.0,
    "voltage_after_short": lambda _: VOLTS,
    "wrong_reports": lambda _: COUNT,
    "voltage_in_noise": lambda _: VOLTS,
    "ground_current": lambda value: max(0.01 * value, 0.1e-3),  # its zero is taken each time
    "voltage_between_grounds": lambda _: VOLTS,
    "lasting_drop": lambda _: 6e-4,
    "share_error": lambda _: 0.02,  # two currents, 1 % each
    "meter_error": lambda _: ENERGY,
    "lost_energy": lambda _: 360.0,  # one step of the register
}

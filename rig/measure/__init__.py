"""From captures to judged values: pure numpy, usable alone.

A capture goes through events (edges, stays) to measurements (value, budget, bound, flags), and a decision turns one
into a verdict.
"""

from rig.measure.calibration.transfer import (
    Plateau,
    Transfer,
    calibrate,
    calibrate_zero,
    corrected,
    corrected_in,
    known_zero,
    plateau,
)
from rig.measure.captures.accuracy import READ_BACK, TraceAccuracy, accuracy_of
from rig.measure.captures.average import averaged, averaged_in
from rig.measure.captures.capture import Capture, Facts, Record, Span, Trace
from rig.measure.decision.decide import Decision, Rule, Verdict, by_policy, decide, worst
from rig.measure.decision.risk import (
    Prior,
    conformance,
    conformance_of,
    false_acceptance_at_limit,
    global_risks,
    guard_factor,
)
from rig.measure.events.alignment import Alignment, align
from rig.measure.events.edge import Edge, Threshold
from rig.measure.events.edges import find_edges, first_edge
from rig.measure.events.injection import t0
from rig.measure.events.levels import States, states
from rig.measure.events.onset import onset
from rig.measure.events.stimulus import Stimulus, verify_stimulus, with_stimulus
from rig.measure.masks.envelope import Envelope, envelope_margin
from rig.measure.quantities.contact import arcing_time, opening_time
from rig.measure.quantities.droop import droop
from rig.measure.quantities.efficiency import efficiency
from rig.measure.quantities.energy import charge, energy, let_through_energy
from rig.measure.quantities.inrush import inrush
from rig.measure.quantities.joule import let_through_i2t
from rig.measure.quantities.lasting import lasting_change
from rig.measure.quantities.maxima import UNWATCHED
from rig.measure.quantities.meter_error import energy_error, lost_energy
from rig.measure.quantities.operate import operate_time
from rig.measure.quantities.peak import fault_span, peak_current, port_voltage_peak
from rig.measure.quantities.pulse import pulse_width
from rig.measure.quantities.recovery import recovery_time
from rig.measure.quantities.retry import (
    Attempts,
    apart,
    attempts,
    latched,
    missed_trips,
    retries,
    retry_duty,
    retry_period,
    retry_recovery,
)
from rig.measure.quantities.ripple import ripple_peak_to_peak, ripple_rms
from rig.measure.quantities.share import share_error
from rig.measure.quantities.shedding import shedding
from rig.measure.quantities.status import nuisance_trips, restarts, status_floor, status_return
from rig.measure.quantities.steady import level, power, reverse_current, voltage_floor
from rig.measure.quantities.step_response import overshoot, settling_time
from rig.measure.quantities.warming import STILL_WARMING, carried_current, connector_rise
from rig.measure.result import Instant, Mark, Measurement, Outcome
from rig.measure.uncertainty.budget import Budget, Line, arcsine, rectangular, triangular
from rig.measure.uncertainty.interval import Overdrive
from rig.measure.uncertainty.line_fit import LineFit, fit_line
from rig.measure.uncertainty.monte_carlo import Propagated, monte_carlo

__all__ = [
    "READ_BACK",
    "STILL_WARMING",
    "UNWATCHED",
    "Alignment",
    "Attempts",
    "Budget",
    "Capture",
    "Decision",
    "Edge",
    "Envelope",
    "Facts",
    "Instant",
    "Line",
    "LineFit",
    "Mark",
    "Measurement",
    "Outcome",
    "Overdrive",
    "Plateau",
    "Prior",
    "Propagated",
    "Record",
    "Rule",
    "Span",
    "States",
    "Stimulus",
    "Threshold",
    "Trace",
    "TraceAccuracy",
    "Transfer",
    "Verdict",
    "accuracy_of",
    "align",
    "apart",
    "arcing_time",
    "arcsine",
    "attempts",
    "averaged",
    "averaged_in",
    "by_policy",
    "calibrate",
    "calibrate_zero",
    "carried_current",
    "charge",
    "conformance",
    "conformance_of",
    "connector_rise",
    "corrected",
    "corrected_in",
    "decide",
    "droop",
    "efficiency",
    "energy",
    "energy_error",
    "envelope_margin",
    "false_acceptance_at_limit",
    "fault_span",
    "find_edges",
    "first_edge",
    "fit_line",
    "global_risks",
    "guard_factor",
    "inrush",
    "known_zero",
    "lasting_change",
    "latched",
    "let_through_energy",
    "let_through_i2t",
    "level",
    "lost_energy",
    "missed_trips",
    "monte_carlo",
    "nuisance_trips",
    "onset",
    "opening_time",
    "operate_time",
    "overshoot",
    "peak_current",
    "plateau",
    "port_voltage_peak",
    "power",
    "pulse_width",
    "recovery_time",
    "rectangular",
    "restarts",
    "retries",
    "retry_duty",
    "retry_period",
    "retry_recovery",
    "reverse_current",
    "ripple_peak_to_peak",
    "ripple_rms",
    "settling_time",
    "share_error",
    "shedding",
    "states",
    "status_floor",
    "status_return",
    "t0",
    "triangular",
    "verify_stimulus",
    "voltage_floor",
    "with_stimulus",
    "worst",
]

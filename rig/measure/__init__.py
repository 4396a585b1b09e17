"""From captures to judged values: pure numpy, usable alone.

A capture goes through events (edges, stays) to measurements (value, budget, bound, flags), and a decision turns one
into a verdict.
"""

from rig.measure.alignment import Alignment, align
from rig.measure.budget import Budget, Line, rectangular
from rig.measure.capture import Capture, Facts, Record, Span, Trace, TraceAccuracy
from rig.measure.decide import Decision, Rule, Verdict, conformance, decide, worst
from rig.measure.edges import Edge, Threshold, find_edges, first_edge
from rig.measure.injection import t0
from rig.measure.interval import Overdrive
from rig.measure.joule import let_through_i2t
from rig.measure.operate import operate_time
from rig.measure.peak import fault_span, peak_current, port_voltage_peak
from rig.measure.recovery import recovery_time
from rig.measure.result import Instant, Mark, Measurement, Outcome
from rig.measure.steady import level, reverse_current
from rig.measure.stimulus import Stimulus, verify_stimulus, with_stimulus
from rig.measure.transfer import (
    Plateau,
    Transfer,
    calibrate,
    calibrate_zero,
    corrected,
    corrected_in,
    known_zero,
    plateau,
)

__all__ = [
    "Alignment",
    "Budget",
    "Capture",
    "Decision",
    "Edge",
    "Facts",
    "Instant",
    "Line",
    "Mark",
    "Measurement",
    "Outcome",
    "Overdrive",
    "Plateau",
    "Record",
    "Rule",
    "Span",
    "Stimulus",
    "Threshold",
    "Trace",
    "TraceAccuracy",
    "Transfer",
    "Verdict",
    "align",
    "calibrate",
    "calibrate_zero",
    "conformance",
    "corrected",
    "corrected_in",
    "decide",
    "fault_span",
    "find_edges",
    "first_edge",
    "known_zero",
    "let_through_i2t",
    "level",
    "operate_time",
    "peak_current",
    "plateau",
    "port_voltage_peak",
    "recovery_time",
    "rectangular",
    "reverse_current",
    "t0",
    "verify_stimulus",
    "with_stimulus",
    "worst",
]

"""Resistances in the bench proof: the known resistor at the port, and the cables with their contacts.

The supply's own voltage is known no better than its panel; but it is the same for every line. The drop that the load
makes in the feed line gives that line's resistance, the voltage behind it the supply's, and what is missing of that
behind the other lines theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.bench.proof import SIGMAS, Finding, Reading
from rig.files.bench_checks import NEIGHBOUR_LINE
from rig.run.proof_hand import shunt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rig.run.proof_hand import Hand

__all__ = ["NEIGHBOUR_LINE", "known_resistor", "line_resistances", "neighbour_line"]

REGULATION_V = 5e-3
"""By which a supply's voltage may fall with its current, at 5 V."""
SWITCHED = ("energy_input", "feed_line")
"""Lines that have the series switch in them, where there is one."""
SIGNAL = {"energy_input": "input_voltage"}
"""What shows the voltage behind a line, where it is not the port's."""


def known_resistor(hand: Hand, step: str, read: dict[str, Reading]) -> Finding:
    """Voltage over current at the port: the known resistor, the changeover and the port's shunt."""
    declared = hand.declared
    seen = {name: hand.seen(read, name) for name in ("port_voltage", "port_current")}
    doubt = sum(hand.error(read, name) / abs(value) for name, value in seen.items())
    low = declared.known * (1 - declared.tolerance) * (1 - doubt)
    behind = declared.contacts + shunt(hand.bench, "port_current")
    high = (declared.known * (1 + declared.tolerance) + behind) * (1 + doubt)
    ohms = abs(seen["port_voltage"] / seen["port_current"])
    return Finding(step, f"known resistor at the port behind {declared.contactor}", ohms, low, high, "ohm")


def line_resistances(
    hand: Hand, fed: Mapping[str, dict[str, Reading]], loaded: dict[str, Reading], amps: float
) -> list[Finding]:
    """Of each line that was `fed` into a known resistor; the feed line also with `amps` more in the load."""
    feed = fed["feed_line"]
    before, after = (hand.seen(read, "port_voltage") for read in (feed, loaded))
    drop, more = before - after, amps - (before - after) / hand.declared.known
    noise = SIGMAS * (feed["port_voltage"].noise + loaded["port_voltage"].noise)
    ohms, doubt = drop / more, (drop * hand.slopes["port_voltage"] + noise + REGULATION_V) / more
    found = [_finding(hand, "feed_line", ohms, doubt)]
    supplied = before + ohms * before / hand.declared.known
    for line, read in fed.items():
        if line == "feed_line":
            continue
        signal = SIGNAL.get(line, "port_voltage")
        if signal not in read:
            continue  # its current alone says that it leads
        volts = abs(hand.seen(read, signal))
        drawn = volts / hand.declared.known
        room = hand.error(feed, "port_voltage") + hand.error(read, signal) + REGULATION_V
        found.append(_finding(hand, line, (supplied - volts) / drawn, doubt + room / drawn))
    return found


def neighbour_line(hand: Hand, step: str, read: dict[str, Reading], volts: float) -> Finding:
    """The neighbour's line, by what is missing at the port of what it says of itself: a coarse look at the contacts."""
    seen = {name: hand.seen(read, name) for name in ("port_voltage", "port_current")}
    amps, missing = abs(seen["port_current"]), volts - seen["port_voltage"]
    rows = hand.stage.equipment.neighbour.accuracy if hand.stage.equipment.neighbour is not None else ()
    row = next((one for one in rows if one.function == "measure voltage"), None)
    own = 0.5 if row is None else row.gain_frac * volts + row.offset_abs + row.offset_frac_of_range * row.range
    doubt = (hand.error(read, "port_voltage") + own + REGULATION_V) / amps
    cable = hand.bench.cables[NEIGHBOUR_LINE].resistance
    high = cable + 2 * hand.declared.contacts + doubt
    return Finding(step, f"resistance of {NEIGHBOUR_LINE}", missing / amps, cable - doubt, high, "ohm")


def _finding(hand: Hand, line: str, ohms: float, doubt: float) -> Finding:
    """Two conductors, each with its contact."""
    switch = hand.bench.series_switch
    cable = hand.bench.cables[line].resistance
    cable += switch.resistance if switch is not None and line in SWITCHED else 0.0
    high = cable + 2 * hand.declared.contacts + doubt
    return Finding("drops in the lines", f"resistance of {line}", ohms, cable - doubt, high, "ohm")

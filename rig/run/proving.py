"""Carrying out the bench proof: the device taken off by the changeover, every route at 5 V into known resistors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.bench.injector import Injector
from rig.bench.proof import Finding, Proof, ProofFault, Reading, signals, zeros
from rig.run.chain import unit_per_volt

if TYPE_CHECKING:
    from rig.files.bench import Bench
    from rig.files.bench import Proof as Declared
    from rig.run.stage import Stage

__all__ = ["prove"]

VOLTS, AMPS = 5.0, 4.0
"""The supply's set values: low energy, and 2 A through a known resistor of 2.5 ohm."""
OVP = 7.0
EMPTY_S = 10.0
"""Bench time that a supply which has just been in use is given to empty its own capacitor."""
LOOK_S, SETTLE_S = 0.04, 0.03
"""Bench time of a look, and before it: a supply's rise and its capacitor's discharge into the known resistor."""


class _Hand:
    """One proof on its way."""

    def __init__(self, stage: Stage, declared: Declared) -> None:
        self.stage, self.declared, self.bench = stage, declared, stage.bench
        self.findings: list[Finding] = []
        self.units, self.slopes, self.steps, self.bounds, self.factors = {}, {}, {}, {}, {}
        for name, entry in stage.monitor.signals.items():
            part = self.bench.transducers[entry.transducer]
            factor, self.units[name] = unit_per_volt(part)
            row = stage.equipment.recorder.channel_accuracy(entry.range)
            bound = row.offset_frac_of_range * row.range + row.offset_abs
            self.factors[name], self.bounds[name] = factor, (bound + row.resolution) * factor
            # The maker bounds a straight line over the whole range: its slope errs by no more than bound / range.
            self.slopes[name] = part.tolerance + row.gain_frac + bound / row.range
            self.steps[name] = row.resolution * factor
        self.zero: dict[str, Reading] = {}

    def look(self) -> dict[str, Reading]:
        """The slow signals now, after what was switched has settled."""
        monitor = self.stage.monitor
        monitor.wait(SETTLE_S + LOOK_S)
        count = max(2, round(LOOK_S * monitor.rate))
        found = {}
        for name, factor in self.factors.items():
            volts = monitor.volts(name, count) * factor
            rms = float(volts.std())
            found[name] = Reading(float(volts.mean()), rms / count**0.5, rms)
        return found

    def judge(self, found: list[Finding]) -> None:
        """Keep, and stop where something is wrong: later steps would only repeat it.

        Raises:
            ProofFault: naming the part.
        """
        self.findings += found
        wrong = Proof(tuple(found))
        if wrong.wrong:
            raise ProofFault(f"Bench proof: {wrong.sentence}.")

    def see(self, step: str, wanted: dict[str, tuple[float, float]]) -> dict[str, Reading]:
        """Look, and judge every signal; the gate has no declared level and is judged by itself."""
        read = self.look()
        self.judge(
            signals(self.bench, step, read, self.zero, wanted, self.slopes, self.steps, self.units, ("gate_voltage",))
        )
        return read

    def close(self, *contactors: str) -> None:
        """Make exactly these, and the changeover, closed."""
        self.stage.wiring.connect({self.declared.contactor, *contactors})

    def supply(self, on: bool) -> None:
        """5 V, or nothing."""
        self.stage.equipment.supply.output(on)


def prove(stage: Stage) -> Proof | None:
    """Prove the bench with the device isolated; None where the bench file declares no proof. The bench is left off.

    Raises:
        ProofFault: something is not as the bench file says; the part is named.
        ContactFault, LinkError: a contactor or an instrument that does not do what it is told.
    """
    declared = stage.bench.proof
    if declared is None:
        return None
    hand = _Hand(stage, declared)
    try:
        _prove(hand, stage, declared, stage.bench)
    finally:
        stage.safe_or_raise()
    return Proof(tuple(hand.findings))


def _prove(  # noqa: PLR0915  one step after the other, as a lab would write them down
    hand: _Hand, stage: Stage, declared: Declared, bench: Bench
) -> None:
    supply, load = stage.equipment.supply, stage.equipment.load
    low, amps = _lower(declared, bench)
    hand.close()
    hand.zero = hand.look()
    hand.judge(zeros(bench, hand.zero, hand.bounds, hand.units))
    volts_error, amps_error = (_limit(supply.accuracy, f"measure {what}") for what in ("voltage", "current"))
    stage.wait_until(lambda: abs(supply.measure().volts) <= volts_error, EMPTY_S)
    idle = supply.measure(), load.measure()
    hand.judge([
        Finding("everything off", "supply's own voltage reading", idle[0].volts, -volts_error, volts_error, "V"),
        Finding("everything off", "supply's own current reading", idle[0].amps, -amps_error, amps_error, "A"),
    ])  # fmt: skip
    supply.set_voltage(VOLTS)
    supply.set_ovp(OVP)
    supply.set_current_limit(AMPS)

    volts = (low + VOLTS) / 2, (VOLTS - low) / 2 + _limit(supply.accuracy, "set voltage")
    drawn = amps[0], amps[1] + volts[1] / declared.known
    for line, wanted in (
        ("energy_input", {"input_voltage": volts}),
        ("reverse_line", {"port_voltage": (-volts[0], volts[1]), "port_current": drawn}),
        ("feed_line", {"port_voltage": volts, "port_current": (-drawn[0], drawn[1])}),
    ):
        step = f"{VOLTS:g} V through {line}"
        hand.close(line)
        hand.supply(True)
        hand.see(step, wanted)
        told = supply.measure()
        room = 2 * volts_error
        hand.judge([
            Finding(step, "supply's own voltage reading", told.volts, VOLTS - room, VOLTS + room, "V"),
            Finding(step, "supply's own current reading", told.amps, drawn[0] - drawn[1] - amps_error,
                    drawn[0] + drawn[1] + amps_error, "A"),
        ])  # fmt: skip
        if line == "feed_line":
            break
        hand.supply(False)
        hand.see(f"supply off after {step}", {})

    feeding = {"port_voltage": volts, "port_current": (-drawn[0], drawn[1])}
    gate_zero = hand.zero.get("gate_voltage")
    injector = Injector(bench.injector.gate, stage.equipment.lines, stage.clock)
    path = bench.injector.resistance + _shunt(bench)
    for tap, ohms in bench.injector.taps.items():
        hand.close("feed_line", tap)
        hand.see(f"{tap} closed, injector open", feeding)
        with injector.injection(LOOK_S + SETTLE_S):
            read = hand.look()
        seen = {name: read[name].mean - hand.zero[name].mean for name in read}
        if ohms < declared.known:  # pulls the supply to its current limit
            hand.judge(_shorted(hand, tap, ohms + path, read, seen))
            hand.see(f"{tap} closed, injector opened again", feeding)
            continue
        through = seen["port_voltage"] / (ohms + path)
        half = through * declared.taps + volts[0] / ohms * declared.contacts / ohms
        wanted = {**feeding, "injector_current": (through, half)}
        found = signals(
            bench, f"{tap} closed, injector on", read, hand.zero, wanted, hand.slopes, hand.steps, hand.units,
            ("gate_voltage",),
        )  # fmt: skip
        if gate_zero is not None:
            moved = hand.bounds["gate_voltage"]
            gate = Finding(f"{tap} closed, injector on", "injector's gate", seen["gate_voltage"], moved, 20.0, "V")
            found.insert(0, gate)
        hand.judge(found)
        hand.see(f"{tap} closed, injector opened again", feeding)

    hand.close("feed_line", "load_line")
    hand.see("load connected, its input off", feeding)
    told = load.measure()
    room = _limit(load.accuracy, "measure voltage") + 0.001 * VOLTS + volts[1]
    hand.judge(
        [Finding("load connected", "load_line, as the load sees it", told.volts, VOLTS - room, VOLTS + room, "V")]
    )
    hand.supply(False)
    hand.see("supply off again", {})


def _shorted(hand: _Hand, tap: str, ohms: float, read: dict[str, Reading], seen: dict[str, float]) -> list[Finding]:
    """A short takes the supply's current limit; voltage over current is its resistance, contacts and all."""
    step, declared, supply = f"{tap} closed, injector on", hand.declared, hand.stage.equipment.supply
    amps, volts = seen["injector_current"], seen["port_voltage"]
    half = (
        AMPS * hand.slopes["injector_current"] + _limit(supply.accuracy, "set current") + hand.steps["injector_current"]
    )
    part = f"current of the injector on {tap}"
    found = [Finding(step, part, amps, AMPS - half - ohms * AMPS / declared.known, AMPS + half, "A")]
    if found[0].ok:
        noise = 6.0 * (read["port_voltage"].noise + hand.zero["port_voltage"].noise) + hand.steps["port_voltage"]
        room = ohms * (declared.taps + hand.slopes["injector_current"]) + declared.contacts + noise / AMPS
        found.append(
            Finding(step, f"resistance of {tap} with the injector", volts / amps, ohms - room, ohms + room, "ohm")
        )
    return found


def _lower(declared: Declared, bench: Bench) -> tuple[float, tuple[float, float]]:
    """The least that 5 V leave at a known resistor behind the longest cable, V; its current, value and half width."""
    cable = max(one.resistance for one in bench.cables.values()) + declared.contacts
    low = VOLTS * declared.known / (declared.known + cable)
    middle = (low + VOLTS) / 2 / declared.known
    return low, (middle, middle * declared.tolerance)


def _shunt(bench: Bench) -> float:
    """Of the injector's current: in series with its tap, ohm."""
    slow = bench.signals["injector_current"].slow
    part = bench.transducers[slow.transducer] if slow is not None else None
    return getattr(part, "resistance", 0.0)


def _limit(rows: object, function: str) -> float:
    """Limit of error at 5 V or its current, of the first row for `function`; 0.5 without one."""
    for row in rows:  # type: ignore[attr-defined]
        if row.function == function:
            return float(row.gain_frac * VOLTS + row.offset_abs + row.offset_frac_of_range * row.range + row.resolution)
    return 0.5

"""Carrying out the bench proof: the device taken off by the changeover, every route at 5 V into known resistors."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from instruments.errors import InstrumentError, OutOfRange
from rig.bench.injector import Injector
from rig.bench.proof import SIGMAS, Finding, Proof, ProofFault, Reading, expected, zeros
from rig.bench.resting_switch import RestingSwitch
from rig.files.bench_checks import SECOND_RETURN
from rig.run.proof_capture import Captures
from rig.run.proof_ground import second_return
from rig.run.proof_hand import GATE, LOOK_S, SETTLE_S, Hand, shunt
from rig.run.proof_lines import NEIGHBOUR_LINE, known_resistor, line_resistances, neighbour_line
from rig.run.proof_supply import AMPS, BELOW_V, OVP, VOLTS, limit_of, set_low
from rig.run.stage import UnsafeBench
from rig.run.wired import SUPPLY_OVP

if TYPE_CHECKING:
    from collections.abc import Callable

    from instruments.roles import Supply
    from rig.files.bench import SeriesSwitch as Declared
    from rig.run.stage import Stage

__all__ = ["prove"]

LOAD_AMPS, LEAST_LOAD_AMPS, ENVELOPE_SHARE = 4.0, 1.0, 0.9
"""What the load draws, less where the envelope has less, and what shows no line's resistance."""
MOST_AMPS, DEAD_V = 7.0, 1.0
"""The supply's limit while the load draws, and what is left behind a supply whose protection has tripped."""
TRIPPING_OVP = 4.0
"""A threshold that 5 V must trip, and that lies above what is set before."""
EMPTY_S = 10.0
"""Bench time that a supply which has just been in use is given to empty its own capacitor."""
REPLY_S, ASKED = 0.25, 3
"""Bench time within which an instrument says who it is, a healthy one takes a tenth of it; and how often it is asked:
a computer may be busy once."""
RELAY_S, ACQUISITION_S = 0.05, 0.5
"""What a relay at the gate may take to release, and what one acquisition takes, where nothing else looks, s."""
ONE_SHOT_ROOM, ONE_SHOT_LOOK_S, STALE_S = 0.05, 0.5, 0.03
"""Of its declared time; how often the rig looks whether it has opened, at the least; how old what it sees may be, s."""
Wanted = dict[str, tuple[float, float]]
"""By signal: value and half width."""


def prove(stage: Stage, keep: Callable[[Proof], None], *, whole: bool = False) -> Proof | None:
    """Prove the bench with the device isolated; None where the bench file declares no proof. The bench is left off.

    `keep` is given what was found, also when that ends it. A `whole` one waits for the injector's one-shot too, which
    takes as long as that lets a fault last.

    Raises:
        ProofFault: something is not as the bench file says; the part is named.
        ContactFault, LinkError: a contactor or an instrument that does not do what it is told.
        InterlockOpen: the safety chain is, whatever else was seen of that.
        UnsafeBench: the bench could not be proved safe afterwards.
    """
    declared = stage.bench.proof
    if declared is None:
        return None
    hand = Hand(stage, declared)
    try:
        _Proof(hand).carry_out(whole=whole)
        stage.safe_or_raise()
    except UnsafeBench:
        raise
    except BaseException as trouble:
        stage.safe_after(trouble)
        raise
    finally:
        keep(Proof(tuple(hand.findings)))
    return Proof(tuple(hand.findings))


class _Proof:
    """The steps, one after the other, as a lab would write them down."""

    def __init__(self, hand: Hand) -> None:
        self.hand, self.stage, self.declared, self.bench = hand, hand.stage, hand.declared, hand.bench
        self.equipment = self.stage.equipment
        self.captures = Captures(hand)
        self.fed: dict[str, dict[str, Reading]] = {}
        self.volts_error, self.amps_error = (
            limit_of(self.equipment.supply.accuracy, f"measure {what}") for what in ("voltage", "current")
        )
        self.feeding = self._fed_with(0.0)
        port = self.feeding["port_current"]
        self.volts, self.drawn = self.feeding["port_voltage"], (-port[0], port[1])

    def _fed_with(self, amps: float) -> Wanted:
        """5 V at the known resistor behind any cable, in which this current flows besides that of the resistor."""
        known = self.declared.known
        cable = max(one.resistance for name, one in self.bench.cables.items() if name != SECOND_RETURN)
        low = VOLTS - (VOLTS / known + amps) * (cable + 2 * self.declared.contacts)
        volts = (low + VOLTS) / 2, (VOLTS - low) / 2 + limit_of(self.equipment.supply.accuracy, "set voltage")
        drawn = volts[0] / known
        return {"port_voltage": volts, "port_current": (-drawn, drawn * self.declared.tolerance + volts[1] / known)}

    def carry_out(self, *, whole: bool) -> None:
        """All of them; raises as `prove`."""
        self._fits()
        self.stage.check_interlock()
        self._replies()
        self._off()
        hand, supply = self.hand, self.equipment.supply
        set_low(supply)
        backwards = {"port_voltage": (-self.volts[0], self.volts[1]), "port_current": self.drawn}
        ways = [("energy_input", {"input_voltage": self.volts})]
        # A live port behind the changeover and the supply backwards: no weld may add them.
        if self.stage.fed is not None and "reverse_line" in self.bench.contactors:
            ways.append(("reverse_line", backwards))
        for line, wanted in ways:
            self._fed(line, wanted)
            self.hand.supply(False)
            self.hand.see(f"supply off after {VOLTS:g} V through {line}", {})
        self._fed("feed_line", self.feeding)
        if self.bench.series_switch is not None:
            self._series_switch(self.bench.series_switch, whole=whole)
        self._load()
        supply.set_current_limit(AMPS)
        for tap, ohms in self.bench.injector.taps.items():
            self._tap(tap, ohms)
        if whole and self.bench.injector.one_shot is not None:
            self._one_shot(self.bench.injector.one_shot)
        self.hand.supply(False)
        self.hand.see("supply off again", {})
        self._overvoltage()
        if self.equipment.neighbour is not None:
            self._neighbour(self.equipment.neighbour)
            if SECOND_RETURN in self.bench.contactors:
                second_return(hand, self.equipment.neighbour)

    def _fits(self) -> None:
        """What the proof sets is within what supply, load and envelope have."""
        amps, drawn = self._supply_amps, max(0.0, self._load_amps)
        if amps < AMPS or drawn < LEAST_LOAD_AMPS:
            raise ProofFault(
                f"Bench proof: it needs {AMPS:g} A of the supply at {VOLTS:g} V and {LEAST_LOAD_AMPS:g} A in the load, "
                f"and this bench has {amps:.3g} A and {drawn:.3g} A: look at the envelope."
            )

    def _replies(self) -> None:
        """Every instrument answers in time: what is late delays each step of a case."""
        clock, found = self.stage.clock, []
        for name, instrument in self.equipment.instruments.items():
            for _ in range(ASKED):
                asked_ns = clock.now_ns()
                answers = instrument.identity()
                took = (clock.now_ns() - asked_ns) * 1e-9
                if took <= REPLY_S:
                    break
            found.append(Finding("who are you", f"reply of {name}", took, 0.0, REPLY_S, "s"))
            known = self.equipment.identities[name]
            if answers != known:
                raise ProofFault(f"Bench proof: {name} was {known} when it was opened, and now says {answers}.")
        self.hand.judge(found)

    def _off(self) -> None:
        """Zeros, with nothing closed but the changeover."""
        hand, supply = self.hand, self.equipment.supply
        hand.close()
        hand.zero = hand.look()
        hand.judge(zeros(self.bench, hand.zero, hand.bounds, hand.units))
        hand.judge(self.captures.zeros())
        self.stage.wait_until(lambda: abs(supply.measure().volts) <= self.volts_error, EMPTY_S)
        idle, volts, amps = supply.measure(), self.volts_error, self.amps_error
        self.equipment.load.measure()  # one that is mute says so here
        hand.judge([
            Finding("everything off", "supply's own voltage reading", idle.volts, -volts, volts, "V"),
            Finding("everything off", "supply's own current reading", idle.amps, -amps, amps, "A"),
        ])  # fmt: skip

    def _fed(self, line: str, wanted: Wanted) -> None:
        """5 V into the known resistor behind a line: what the signals and the supply itself say."""
        hand, step = self.hand, f"{VOLTS:g} V of the supply through {line}"
        hand.close(line)
        hand.supply(True)
        read = hand.see(step, wanted)
        hand.judge(self._supply_says(step, self.drawn))
        if "port_current" in wanted:
            hand.judge([known_resistor(hand, step, read)])
        self.fed[line] = read

    def _series_switch(self, declared: Declared, *, whole: bool) -> None:
        """Opened, it takes the feed away; at rest it gives it back, and so does its one-shot, which takes as long."""
        hand, step = self.hand, "series switch told to open"
        switch, read = RestingSwitch(declared.control, self.equipment.lines, self.stage.clock), {}
        switch.interrupt(LOOK_S + SETTLE_S, lambda _: read.update(hand.look(patience=0.0)))
        hand.judge([
            *self._gate(step, {GATE: hand.seen(read, GATE)} if GATE in read else {}), *hand.against(step, read, {}),
        ])  # fmt: skip
        hand.see("series switch told to conduct again", self.feeding)
        if not whole:
            return
        longest = declared.one_shot * (1 + ONE_SHOT_ROOM) + STALE_S
        switch.interrupt(longest, lambda seconds: (self.stage.monitor.wait(seconds), read.update(hand.look())))
        hand.judge(hand.against(f"series switch told to open for {longest:.3g} s, its one-shot", read, self.feeding))

    def _neighbour(self, neighbour: Supply) -> None:
        """The second supply as the first: 5 V through its line, its own readings, its over-voltage protection."""
        hand, step = self.hand, f"{VOLTS:g} V of the neighbour through {NEIGHBOUR_LINE}"
        set_low(neighbour)
        hand.close(NEIGHBOUR_LINE)
        neighbour.output(True)
        read = hand.see(step, self.feeding)
        hand.judge(self._supply_says(step, self.drawn, "neighbour"))
        hand.judge([known_resistor(hand, step, read), neighbour_line(hand, step, read, neighbour.measure().volts)])
        neighbour.output(False)
        hand.see(f"neighbour off after {VOLTS:g} V", {})
        drawn, half = self.feeding["port_current"]
        low = {
            "port_voltage": (self.volts[0] * BELOW_V / VOLTS, self.volts[1]),
            "port_current": (drawn * BELOW_V / VOLTS, half),
        }
        self._trips(neighbour, "neighbour", NEIGHBOUR_LINE, "port_voltage", low)

    def _supply_says(self, step: str, drawn: tuple[float, float], role: str = "supply") -> list[Finding]:
        """A supply's own readings while it gives 5 V."""
        told, room = getattr(self.equipment, role).measure(), 2 * self.volts_error
        low, high = drawn[0] - drawn[1] - self.amps_error, drawn[0] + drawn[1] + self.amps_error
        return [
            Finding(step, f"{role}'s own voltage reading", told.volts, VOLTS - room, VOLTS + room, "V"),
            Finding(step, f"{role}'s own current reading", told.amps, low, high, "A"),
        ]

    def _tap(self, tap: str, ohms: float) -> None:
        """A tap closed, and the injector through it: what recorder and digitizer say."""
        hand, step = self.hand, f"{tap} closed, injector on"
        hand.close("feed_line", tap)
        hand.see(f"{tap} closed, injector open", self.feeding)
        self.captures.arm()
        begun_ns = self.stage.clock.now_ns()
        with self._injector.injection(LOOK_S + SETTLE_S + (RELAY_S if hand.alone else 0.0)) as injection:
            read = {} if hand.alone else hand.look(patience=0.0)
            if hand.alone:
                self.stage.monitor.wait(injection.remaining())
        told_s = (self.stage.clock.now_ns() - begun_ns) * 1e-9
        record = self.captures.taken(step)
        if hand.alone:
            read = self.captures.levels(record)
        seen = {name: hand.seen(read, name) for name in read}
        if VOLTS / ohms + VOLTS / self.declared.known > ENVELOPE_SHARE * AMPS:  # near its limit or at it
            hand.judge([*self._gate(step, seen), *self._shorted(step, tap, ohms + self._path, read, seen)])
        else:
            through = seen["port_voltage"] / (ohms + self._path)
            half = through * (self.declared.taps + self.declared.contacts / ohms)
            half += hand.error(read, "port_voltage") / ohms
            wanted = {**self._fed_with(VOLTS / ohms), "injector_current": (through, half)}
            hand.judge([*self._gate(step, seen), *hand.against(step, read, wanted)])
        hand.judge(self.captures.injection(step, record, read, told_s))
        hand.see(f"{tap} closed, injector opened again", self.feeding)

    def _one_shot(self, longest: float) -> None:
        """A gate that is held high too long: the injector's own hardware opens it."""
        hand, clock = self.hand, self.stage.clock
        tap = max(self.bench.injector.taps, key=self.bench.injector.taps.__getitem__)
        hand.close("feed_line", tap)
        zero, most = hand.zero["injector_current"].mean, 0.0
        often = min(ONE_SHOT_LOOK_S, longest * ONE_SHOT_ROOM / 4)
        begun_ns = clock.now_ns()
        with self._injector.injection(longest * (1 + 2 * ONE_SHOT_ROOM)) as injection:
            while injection.remaining() > 0:
                self.stage.monitor.wait(often)
                amps = abs(self._injected() - zero)
                if amps < most / 2:
                    break
                most = max(most, amps)
            lasted = (clock.now_ns() - begun_ns) * 1e-9
        stale = ACQUISITION_S if hand.alone else STALE_S
        low, high = longest * (1 - ONE_SHOT_ROOM), longest * (1 + ONE_SHOT_ROOM) + often + stale
        hand.judge([Finding("gate held high", "injector's one-shot", lasted, low, high, "s")])

    def _injected(self) -> float:
        """Current in the injector now, A."""
        if self.hand.alone:
            return self.hand.look(patience=0.0)["injector_current"].mean
        return self.stage.look("injector_current")

    @property
    def _injector(self) -> Injector:
        return Injector(self.bench.injector.gate, self.equipment.lines, self.stage.clock)

    @property
    def _path(self) -> float:
        """In series with every tap, ohm."""
        return self.bench.injector.resistance + shunt(self.bench, "injector_current")

    def _gate(self, step: str, seen: dict[str, float]) -> list[Finding]:
        """The gate has no declared level; it is high when it is clear of its zero."""
        if GATE not in seen:
            return []
        moved = self.hand.bounds[GATE]
        part = f"injector's gate, {expected(self.bench, GATE)}"
        return [Finding(step, part, seen[GATE], moved, 20.0, "V")]

    def _shorted(
        self, step: str, tap: str, ohms: float, read: dict[str, Reading], seen: dict[str, float]
    ) -> list[Finding]:
        """A short takes the supply's current limit, or nearly; voltage over current is its resistance."""
        hand, supply = self.hand, self.equipment.supply
        amps, volts, slope = seen["injector_current"], seen["port_voltage"], hand.slopes["injector_current"]
        half = AMPS * slope + limit_of(supply.accuracy, "set current") + hand.step("injector_current", read)
        known = self.declared.known
        least = min(AMPS, ENVELOPE_SHARE * (VOLTS / ohms + VOLTS / known)) * known / (known + ohms)
        low = least - half
        found = [Finding(step, expected(self.bench, "injector_current"), amps, low, AMPS + half, "A")]
        if found[0].ok:
            noise = SIGMAS * (read["port_voltage"].noise + hand.zero["port_voltage"].noise)
            noise += hand.step("port_voltage", read)
            room = ohms * (self.declared.taps + slope) + noise / AMPS
            low, high = max(ohms - room, ohms / 2), ohms + room + self.declared.contacts
            found.append(Finding(step, f"resistance of {tap} with the injector", volts / amps, low, high, "ohm"))
        return found

    def _load(self) -> None:
        """The load at the feeding supply: its own readings without current and with it, which its line drops."""
        hand, supply, load = self.hand, self.equipment.supply, self.equipment.load
        hand.close("feed_line", "load_line")
        read = hand.see("load connected, its input off", self.feeding)
        at = hand.seen(read, "port_voltage")
        behind = abs(hand.seen(read, "port_current")) * shunt(self.bench, "port_current")  # which the port's divider is
        room = limit_of(load.accuracy, "measure voltage") + hand.error(read, "port_voltage") + behind
        self._load_says("load connected", load.measure().volts, at - room, at + room)
        amps = self._load_amps
        supply.set_current_limit(self._supply_amps)
        load.set_current(amps)
        load.input(True)
        wanted, step = self._fed_with(amps), f"load at {amps:g} A"
        read = hand.look()
        told, own = load.measure(), limit_of(load.accuracy, "measure current") + limit_of(load.accuracy, "set current")
        hand.judge([Finding(step, "load's own current reading", told.amps, amps - own, amps + own, "A")])
        hand.judge(line_resistances(hand, self.fed, read, told.amps))
        hand.judge(hand.against(step, read, wanted))
        hand.judge(self._supply_says(step, (amps - wanted["port_current"][0], wanted["port_current"][1] + own)))
        at, drop = hand.seen(read, "port_voltage"), amps * self.bench.cables["load_line"].resistance
        contacts = amps * 2 * self.declared.contacts
        if self.bench.instruments[self.bench.roles["load"]].options.get("remote_sense"):
            drop = contacts = 0.0  # it sees the port itself, as without current
        room = limit_of(load.accuracy, "measure voltage") + hand.error(read, "port_voltage") + behind
        self._load_says(step, told.volts, at - drop - contacts - room, at - drop + room)
        load.input(False)

    def _load_says(self, step: str, volts: float, low: float, high: float) -> None:
        self.hand.judge([Finding(step, "load_line, as the load sees it", volts, low, high, "V")])

    @property
    def _supply_amps(self) -> float:
        """As much as feeds resistor and load with room to spare, where supply and envelope have it."""
        own, node = self.equipment.supply.limits.amps, self.bench.envelope.supply
        return min(MOST_AMPS, own, node.current or own, (node.power or math.inf) / VOLTS)

    @property
    def _load_amps(self) -> float:
        """As much as the envelope lets be asked for at the highest voltage, and the supply has left."""
        node = self.bench.envelope.load
        bounds = (node.current or math.inf, (node.power or math.inf) / (node.voltage or SUPPLY_OVP))
        left = self._supply_amps - 1.1 * VOLTS / self.declared.known
        return min(LOAD_AMPS, left, *(ENVELOPE_SHARE * bound for bound in bounds))

    def _overvoltage(self) -> None:
        """The supply's protection: what every sum of sources rests on. It trips, and the trip is cleared."""
        low = self.volts[0] * BELOW_V / VOLTS, self.volts[1]
        line, signal, wanted = "energy_input", "input_voltage", {"input_voltage": low}
        if self.hand.alone:
            drawn, half = self.feeding["port_current"]
            line, signal = "feed_line", "port_voltage"
            wanted = {"port_voltage": low, "port_current": (drawn * BELOW_V / VOLTS, half)}
        self._trips(self.equipment.supply, "supply", line, signal, wanted)

    def _trips(self, supply: Supply, role: str, line: str, signal: str, wanted: Wanted) -> None:
        """3 V through a line, and 5 V above the threshold: then nothing."""
        step = f"{VOLTS:g} V set above an over-voltage protection of {TRIPPING_OVP:g} V"
        self.hand.close(line)
        supply.set_voltage(BELOW_V)
        supply.set_ovp(TRIPPING_OVP)
        supply.output(True)
        self.hand.see(f"{BELOW_V:g} V of the {role}, below it", wanted)
        with suppress(InstrumentError, OutOfRange):  # some take no voltage above their protection, and give none
            supply.set_voltage(VOLTS)
        volts = self.hand.seen(self.hand.look(), signal)
        supply.clear_protection()
        supply.set_ovp(OVP)
        self.hand.judge([Finding(step, f"{role}'s over-voltage protection", volts, -DEAD_V, DEAD_V, "V")])

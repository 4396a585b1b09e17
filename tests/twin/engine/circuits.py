"""The circuits on which the engine is compared with scipy and ngspice; see `oracle` for what a circuit is made of.

The equations are written down from the drawing of each circuit, not taken from the engine. In the netlists a switch is
a resistance with a limit of 1 Gohm when open, and a diode a current source with a kink.
"""

from __future__ import annotations

import numpy as np

from rig.twin.engine.network import Network
from rig.twin.engine.ports import ConstantPower
from rig.twin.engine.probe import i, v
from rig.twin.engine.signals import Samples
from rig.twin.engine.units import to_ps
from tests.twin.engine.circuits_with_diodes import bounce, load_dump, short_with_trip
from tests.twin.engine.oracle import Bench, Circuit, Mark, Output, Reference


def rc() -> Circuit:
    """A step, a jump back and a falling ramp into R and C."""
    E, R, C, ESR, RAMP = 10.0, 9.0, 1e-6, 1.0, -2e5

    def network() -> Network:
        net = Network()
        net.source("e", "in", "0", R)
        net.capacitor("c", "in", "0", C, ESR)
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        bench.at(50e-6, lambda: bench.sim.set_input("e", 2.0))
        bench.at(100e-6, lambda: bench.sim.set_input("e", 2.0, RAMP))
        bench.at(180e-6, lambda: bench.sim.set_input("e", E))
        return {}

    def equations(run: Reference) -> None:
        def motion(source):
            def of(t, y):
                volts = (source(t) / R + y[0] / ESR) / (1 / R + 1 / ESR)
                return [(volts - y[0]) / (ESR * C)], {"v": volts, "i": (volts - y[0]) / ESR}

            return of

        run.y = [0.0]
        run.go(motion(lambda t: E), 50e-6)
        run.go(motion(lambda t: 2.0), 100e-6)
        run.go(motion(lambda t: 2.0 + RAMP * (t - 100e-6)), 180e-6)
        run.go(motion(lambda t: E), 250e-6)

    return Circuit(
        250e-6, 40e-9, network, logic, equations,
        f"""
        Ve e 0 PWL(0 {E} 49.999995u {E} 50.000005u 2 100u 2 179.999995u -13.999999 180.000005u {E})
        R e in {R}
        C in x 1u IC=0
        Rc x 0 {ESR}
        """,
        {"v": Output(v("in"), "v(in)"), "i": Output(i("c"), f"v(x)/{ESR}")},
        {"up": Mark("v", 6.0, +1), "down": Mark("v", 5.0, -1), "ramp": Mark("v", 0.0, -1)},
    )  # fmt: skip


def ring() -> Circuit:
    """A series R-L-C with a light load, struck by a step."""
    E, RS, RL, L, C, ESR, LOAD = 10.0, 0.05, 0.05, 2e-6, 5e-6, 0.05, 50.0

    def network() -> Network:
        net = Network()
        net.source("e", "in", "0", RS)
        net.branch("l", "in", "out", RL, L)
        net.capacitor("c", "out", "0", C, ESR)
        net.resistor("load", "out", "0", LOAD)
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        return {}

    def equations(run: Reference) -> None:
        def motion(t, y):
            out = (y[1] / ESR + y[0]) / (1 / ESR + 1 / LOAD)
            return [(E - (RS + RL) * y[0] - out) / L, (out - y[1]) / (ESR * C)], {"out": out, "i": y[0]}

        run.y = [0.0, 0.0]
        run.go(motion, 100e-6)

    return Circuit(
        100e-6, 20e-9, network, logic, equations,
        f"""
        Ve e 0 {E}
        Rs e in {RS}
        Rl in l {RL}
        L l out 2u IC=0
        C out x 5u IC=0
        Rc x 0 {ESR}
        Rload out 0 {LOAD}
        """,
        {"out": Output(v("out"), "v(out)"), "i": Output(i("l"), "i(l)")},
        {"over": Mark("out", 12.0, +1), "under": Mark("out", 9.0, -1), "reverse": Mark("i", 0.0, -1)},
    )  # fmt: skip


def droop() -> Circuit:
    """Two droop sources share a load through their cables; a step drives the second one into its current limit."""
    EA, DA, CA, RA = 48.5, 0.25, 100e-6, 0.02
    EB, DB, CB, RB, LIMIT = 48.0, 0.2, 47e-6, 0.03, 4.0
    KA, LA, KB, LB = 0.01, 5e-6, 0.02, 10e-6  # cables
    CX, RX, BASE, STEP = 220e-6, 0.01, 12.0, 8.0
    ON, OFF = 0.5e-3, 1.2e-3

    def network() -> Network:
        net = Network()
        net.source("a", "a", "0", DA)
        net.capacitor("ca", "a", "0", CA, RA, volts=48.0)
        net.branch("la", "a", "bus", KA, LA)
        net.source("b", "b", "0", DB, switch="b voltage")
        net.current_source("b limit", "b", "0", switch="b limit")
        net.capacitor("cb", "b", "0", CB, RB, volts=48.0)
        net.branch("lb", "b", "bus", KB, LB)
        net.capacitor("cx", "bus", "0", CX, RX, volts=48.0)
        net.resistor("base", "bus", "0", BASE)
        net.resistor("step", "bus", "0", STEP, switch="step")
        return net

    def logic(bench: Bench) -> dict:
        def limited(on: bool) -> None:
            bench.switch("b limit", on=on)
            bench.switch("b voltage", on=not on)

        bench.sim.set_input("a", EA)
        bench.sim.set_input("b", EB)
        bench.sim.set_input("b limit", LIMIT)
        limited(on=False)
        bench.at(ON, lambda: bench.switch("step", on=True))
        bench.at(OFF, lambda: bench.switch("step", on=False))
        return {"limits": lambda: limited(on=True), "recovers": lambda: limited(on=False)}

    def equations(run: Reference) -> None:
        def mode(limited: bool, stepped: bool):
            def motion(t, y):
                ia, ib, va, vb, vx = y
                a = (EA / DA + va / RA - ia) / (1 / DA + 1 / RA)
                b = vb + RB * (LIMIT - ib) if limited else (EB / DB + vb / RB - ib) / (1 / DB + 1 / RB)
                bus = (ia + ib + vx / RX) / (1 / RX + 1 / BASE + stepped / STEP)
                rates = [
                    (a - KA * ia - bus) / LA,
                    (b - KB * ib - bus) / LB,
                    (a - va) / (RA * CA),
                    (b - vb) / (RB * CB),
                    (bus - vx) / (RX * CX),
                ]
                return rates, {"bus": bus, "b": b, "by b": 0.0 if limited else (EB - b) / DB, "ia": ia, "ib": ib}

            return motion

        run.y = [0.0, 0.0, 48.0, 48.0, 48.0]
        limited = False
        for stepped, until in ((False, ON), (True, OFF), (False, 2e-3)):
            while run.t < until:
                limited ^= run.go(mode(limited, stepped), until, {"recovers"} if limited else {"limits"}) is not None

    return Circuit(
        2e-3, 160e-9, network, logic, equations,
        f"""
        Va ea 0 {EA}
        Rda ea a {DA}
        Ca a ax 100u IC=48
        Ra ax 0 {RA}
        Rka a akx {KA}
        La akx bus 5u IC=0
        Vb eb 0 {EB}
        Vbv bv 0 PWL({{b voltage}})
        Sb eb b bv 0 droop
        Vbl bl 0 PWL({{b limit}})
        Bb 0 b I = {LIMIT}*v(bl)
        Cb b bx 47u IC=48
        Rb bx 0 {RB}
        Rkb b bkx {KB}
        Lb bkx bus 10u IC=0
        Cx bus busx 220u IC=48
        Rx busx 0 {RX}
        Rbase bus 0 {BASE}
        Vstep k 0 PWL({{step}})
        Sstep bus 0 k 0 step
        .model droop SW(RON={DB} ROFF=1G VT=0.5 VH=0)
        .model step SW(RON={STEP} ROFF=1G VT=0.5 VH=0)
        """,
        {
            "bus": Output(v("bus"), "v(bus)"),
            "b": Output(v("b"), "v(b)"),
            "by b": Output(i("b"), "-i(vb)"),
            "ia": Output(i("la"), "i(la)"),
            "ib": Output(i("lb"), "i(lb)"),
        },
        {
            "limits": Mark("by b", LIMIT, +1),
            "recovers": Mark("b", EB - LIMIT * DB, +1),
            "sag": Mark("bus", 47.0, -1),
        },
    )  # fmt: skip


def arc_replay() -> Circuit:
    """A recorded series arc, straight lines between its samples, in the cable to a load with a capacitor."""
    E, RS, RA, RC, L, C, ESR, LOAD = 48.0, 0.05, 1e-3, 0.03, 10e-6, 4.7e-6, 0.05, 8.0
    STEP, SAMPLES, IGNITES = 2e-6, 60, 10
    rng = np.random.default_rng(20)
    record = np.where(np.arange(SAMPLES) >= IGNITES, 20.0 + 2.0 * rng.standard_normal(SAMPLES), 0.0)
    record[-1] = record[-2]
    start = E / (RS + RA + RC + LOAD)

    def network() -> Network:
        net = Network()
        net.source("e", "src", "0", RS)
        net.source("arc", "src", "gap", RA)  # plus towards the supply: it opposes the current
        net.branch("cable", "gap", "out", RC, L, amps=start)
        net.capacitor("c", "out", "0", C, ESR, volts=LOAD * start)
        net.resistor("load", "out", "0", LOAD)
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        bench.sim.set_samples("arc", Samples(record, to_ps(STEP), order="first"))
        return {}

    def equations(run: Reference) -> None:
        def motion(k: int):
            slope = (record[k + 1] - record[k]) / STEP if k + 1 < SAMPLES else 0.0

            def of(t, y):
                arc = record[k] + slope * (t - k * STEP)
                out = (y[1] / ESR + y[0]) / (1 / ESR + 1 / LOAD)
                rates = [(E - (RS + RA + RC) * y[0] - arc - out) / L, (out - y[1]) / (ESR * C)]
                return rates, {"cable": y[0], "out": out}

            return of

        run.y = [start, LOAD * start]
        for k in range(SAMPLES):
            run.go(motion(k), (k + 1) * STEP if k + 1 < SAMPLES else 200e-6)

    points = " ".join(f"{k * STEP!r} {volts!r}" for k, volts in enumerate(record.tolist()))
    return Circuit(
        200e-6, 20e-9, network, logic, equations,
        f"""
        Ve e 0 {E}
        Rs e src {RS}
        Ra src g {RA}
        Varc g gap PWL({points})
        Rc gap cx {RC}
        L cx out 10u IC={start!r}
        C out x 4.7u IC={LOAD * start!r}
        Resr x 0 {ESR}
        Rload out 0 {LOAD}
        """,
        {"cable": Output(i("cable"), "i(l)"), "out": Output(v("out"), "v(out)")},
        {"drops": Mark("cable", 4.5, -1), "low": Mark("out", 40.0, -1), "rises": Mark("cable", 3.6, +1)},
    )  # fmt: skip


def constant_power() -> Circuit:
    """A constant-power load at the edge of stability: its negative resistance takes most of the damping away."""
    E, RS, R, L, C, ESR, WATTS, ON = 48.0, 1e-3, 0.1, 50e-6, 100e-6, 5e-3, 350.0, 100e-6

    def network() -> Network:
        net = Network()
        net.source("e", "src", "0", RS)
        net.branch("cable", "src", "out", R, L)
        net.capacitor("c", "out", "0", C, ESR, volts=E)
        net.port("load", "out", "0", ConstantPower(WATTS, 20.0), switch="load")
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        bench.at(ON, lambda: bench.switch("load", on=True))
        return {}

    def equations(run: Reference) -> None:
        def mode(watts: float):
            def motion(t, y):
                free = y[1] + ESR * y[0]  # out = free - ESR * watts / out
                out = (free + np.sqrt(free * free - 4.0 * ESR * watts)) / 2.0
                return [(E - (RS + R) * y[0] - out) / L, (out - y[1]) / (ESR * C)], {"out": out, "cable": y[0]}

            return motion

        run.y = [0.0, E]
        run.go(mode(0.0), ON)
        run.go(mode(WATTS), 2e-3)

    return Circuit(
        2e-3,
        400e-9,
        network,
        logic,
        equations,
        f"""
        Ve e 0 {E}
        Rs e l {RS + R}
        L l out 50u IC=0
        C out x 100u IC={E}
        Rc x 0 {ESR}
        Vload k 0 PWL({{load}})
        Bload out 0 I = {WATTS}*v(k)/max(v(out), 20)
        """,
        {"out": Output(v("out"), "v(out)"), "cable": Output(i("cable"), "i(l)")},
        {"sags": Mark("out", 44.0, -1), "over": Mark("out", 50.0, +1), "peaks": Mark("cable", 10.0, +1)},
        long=0.01,
    )


CIRCUITS = {
    "RC": rc,
    "R-L-C ring": ring,
    "short with trip": short_with_trip,
    "load dump with clamp": load_dump,
    "two droop sources": droop,
    "constant power": constant_power,
    "bounce": bounce,
    "arc replay": arc_replay,
}

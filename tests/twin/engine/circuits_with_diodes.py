"""The circuits whose diodes begin and cease to conduct: a short with a trip, a load dump, a bouncing contact."""

from __future__ import annotations

from rig.twin.engine.network import Network
from rig.twin.engine.probe import i, v
from tests.twin.engine.oracle import Bench, Circuit, Mark, Output, Reference


def short_with_trip(short: float = 0.012) -> Circuit:
    """A supply, a cable and a device whose switch trips on a short behind it, tries once more and stays open."""
    E, RS, CB, RB, RC, LC = 48.0, 0.04, 470e-6, 0.02, 0.02, 2e-6  # supply and cable
    CI, RI, VT, RT, RSW = 10e-6, 0.05, 54.0, 0.1, 0.01  # device: input capacitor, clamp, switch
    CO, RO, RD, LOAD, RX, LX = 4.7e-6, 2.0, 0.02, 33.0, short, 1e-6  # output capacitor, reverse diode, load, short
    TRIP, DELAY, RETRY, T0 = 30.0, 2.3e-6, 150e-6, 20e-6

    def network() -> Network:
        net = Network()
        net.source("e", "bulk", "0", RS)
        net.capacitor("cb", "bulk", "0", CB, RB, volts=E)
        net.branch("cable", "bulk", "in", RC, LC)
        net.capacitor("ci", "in", "0", CI, RI, volts=E)
        net.diode("clamp", "in", "0", VT, RT)
        net.resistor("switch", "in", "port", RSW, switch="device")
        net.capacitor("co", "port", "0", CO, RO, volts=E)
        net.diode("reverse", "0", "port", 0.7, RD)
        net.resistor("load", "port", "0", LOAD)
        net.branch("short", "port", "0", RX, LX, switch="short")
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        bench.switch("device", on=True)
        bench.at(T0, lambda: bench.switch("short", on=True))

        def opened() -> None:
            bench.switch("device", on=False)
            if len(bench.switched["device"]) == 2:
                bench.after(RETRY, lambda: bench.switch("device", on=True))

        return {"trip": lambda: bench.after(DELAY, opened)}

    def equations(run: Reference) -> None:
        def mode(closed: bool, shorted: bool):
            def with_diodes(on):
                g = 1 / RSW if closed else 0.0
                clamp, back = "clamp" in on, "reverse" in on
                gi, gp = 1 / RI + g + clamp / RT, 1 / RO + 1 / LOAD + g + back / RD

                def motion(t, y):
                    vb, cable, vi, vo, x = y
                    ji, jp = cable + vi / RI + clamp * VT / RT, vo / RO - x - back * 0.7 / RD
                    volts, port = (ji * gp + g * jp) / (gi * gp - g * g), (jp * gi + g * ji) / (gi * gp - g * g)
                    bulk = (E / RS + vb / RB - cable) / (1 / RS + 1 / RB)
                    rates = [
                        (bulk - vb) / (RB * CB),
                        (bulk - RC * cable - volts) / LC,
                        (volts - vi) / (RI * CI),
                        (port - vo) / (RO * CO),
                        (port - RX * x) / LX if shorted else 0.0,
                    ]
                    return rates, {"in": volts, "port": port, "switch": g * (volts - port), "short": x, "cable": cable}

                return motion

            return with_diodes

        diodes = {"clamp": ("clamps", "clamped"), "reverse": ("port reverses", "port reversed")}
        run.y = [E, 0.0, E, E, 0.0]
        run.go_with_diodes(mode(True, False), T0, diodes)
        for attempt in (1, 2):
            assert run.go(mode(True, True)(frozenset()), run.t + 50e-6, {"trip"}) == "trip"
            run.go_with_diodes(mode(True, True), run.t + DELAY, diodes)
            run.go_with_diodes(mode(False, True), run.t + RETRY if attempt == 1 else 250e-6, diodes)

    return Circuit(
        250e-6, 16e-9, network, logic, equations,
        f"""
        Ve e 0 {E}
        Rs e bulk {RS}
        Cb bulk cbx 470u IC={E}
        Rb cbx 0 {RB}
        Rc bulk cx {RC}
        Lc cx in 2u IC=0
        Ci in cix 10u IC={E}
        Ri cix 0 {RI}
        Bclamp in 0 I = v(in) > {VT} ? (v(in) - {VT})/{RT} : 0
        Vdevice device 0 PWL({{device}})
        Vsw in inx 0
        Sdevice inx port device 0 contact
        Co port cox 4.7u IC={E}
        Ro cox 0 {RO}
        Brev 0 port I = v(port) < -0.7 ? (-0.7 - v(port))/{RD} : 0
        Rload port 0 {LOAD}
        Vshort short 0 PWL({{short}})
        Sshort port sx short 0 injector
        Lx sx 0 1u IC=0
        .model contact SW(RON={RSW} ROFF=1G VT=0.5 VH=0)
        .model injector SW(RON={RX} ROFF=1G VT=0.5 VH=0)
        """,
        {
            "in": Output(v("in"), "v(in)"),
            "port": Output(v("port"), "v(port)"),
            "switch": Output(i("switch"), "i(vsw)"),
            "short": Output(i("short"), "i(lx)"),
            "cable": Output(i("cable"), "i(lc)"),
        },
        {
            "trip": Mark("switch", TRIP, +1),
            "clamps": Mark("in", VT, +1),
            "clamped": Mark("in", VT, -1),
            "port reverses": Mark("port", -0.7, -1),
            "port reversed": Mark("port", -0.7, +1),
        },
    )  # fmt: skip


def load_dump() -> Circuit:
    """A load is thrown off at the end of an inductive cable into a clamp, and comes back."""
    E, RS, L, C, ESR, VT, RT, LEAK, LOAD = 48.0, 0.05, 20e-6, 2e-6, 0.1, 58.0, 0.2, 10e3, 2.0
    OFF, ON = 10e-6, 150e-6
    start = E / (RS + 1 / (1 / LEAK + 1 / LOAD))

    def network() -> Network:
        net = Network()
        net.source("e", "src", "0", RS / 2)
        net.branch("cable", "src", "bus", RS / 2, L, amps=start)
        net.capacitor("c", "bus", "0", C, ESR, volts=E - RS * start)
        net.resistor("leak", "bus", "0", LEAK)
        net.resistor("load", "bus", "0", LOAD, switch="load")
        net.diode("clamp", "bus", "0", VT, RT)
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        bench.switch("load", on=True)
        bench.at(OFF, lambda: bench.switch("load", on=False))
        bench.at(ON, lambda: bench.switch("load", on=True))
        return {}

    def equations(run: Reference) -> None:
        def mode(loaded: bool):
            def with_diodes(on):
                clamp = "clamp" in on
                g = 1 / ESR + 1 / LEAK + loaded / LOAD + clamp / RT

                def motion(t, y):
                    bus = (y[1] / ESR + y[0] + clamp * VT / RT) / g
                    rates = [(E - RS * y[0] - bus) / L, (bus - y[1]) / (ESR * C)]
                    return rates, {"bus": bus, "clamp": clamp * (bus - VT) / RT, "cable": y[0]}

                return motion

            return with_diodes

        run.y = [start, E - RS * start]
        for loaded, until in ((True, OFF), (False, ON), (True, 250e-6)):
            run.go_with_diodes(mode(loaded), until, {"clamp": ("clamps", "clamped")})

    return Circuit(
        250e-6, 20e-9, network, logic, equations,
        f"""
        Ve e 0 {E}
        Rs e s {RS}
        L s bus 20u IC={start!r}
        C bus x 2u IC={E - RS * start!r}
        Rc x 0 {ESR}
        Rleak bus 0 {LEAK}
        Vload k 0 PWL({{load}})
        Sload bus 0 k 0 load
        Bclamp bus 0 I = v(bus) > {VT} ? (v(bus) - {VT})/{RT} : 0
        .model load SW(RON={LOAD} ROFF=1G VT=0.5 VH=0)
        """,
        {
            "bus": Output(v("bus"), "v(bus)"),
            "clamp": Output(i("clamp"), f"v(bus) > {VT} ? (v(bus) - {VT})/{RT} : 0"),
            "cable": Output(i("cable"), "i(l)"),
        },
        {"clamps": Mark("bus", VT, +1), "clamped": Mark("bus", VT, -1), "back": Mark("bus", 45.0, -1)},
    )  # fmt: skip


def bounce() -> Circuit:
    """A bouncing contact feeds a discharged input through a cable with a snubber and a freewheeling diode."""
    E, RS, CE, RE, K = 48.0, 0.01, 10e-6, 0.5, 0.01
    CS, RSN, RD = 100e-9, 2.0, 0.02
    RC, L, C, ESR, LOAD = 0.06, 2e-6, 220e-6, 0.03, 20.0
    EDGES = [(10e-6, True), (30e-6, False), (90e-6, True), (97e-6, False), (160e-6, True)]

    def network() -> Network:
        net = Network()
        net.source("e", "plus", "0", RS)
        net.capacitor("ce", "plus", "0", CE, RE, volts=E)
        net.resistor("contact", "plus", "line", K, switch="contact")
        net.capacitor("snub", "line", "0", CS, RSN)
        net.diode("wheel", "0", "line", 0.7, RD)
        net.branch("cable", "line", "in", RC, L)
        net.capacitor("c", "in", "0", C, ESR)
        net.resistor("load", "in", "0", LOAD)
        return net

    def logic(bench: Bench) -> dict:
        bench.sim.set_input("e", E)
        for at, on in EDGES:
            bench.at(at, lambda on=on: bench.switch("contact", on=on))
        return {}

    def equations(run: Reference) -> None:
        def mode(closed: bool):
            def with_diodes(on):
                wheel, g = "wheel" in on, closed / K
                gp, gl = 1 / RS + 1 / RE + g, 1 / RSN + wheel / RD + g

                def motion(t, y):
                    ve, vs, cable, vc = y
                    jp, jl = E / RS + ve / RE, vs / RSN - wheel * 0.7 / RD - cable
                    plus, line = (jp * gl + g * jl) / (gp * gl - g * g), (jl * gp + g * jp) / (gp * gl - g * g)
                    volts = (vc / ESR + cable) / (1 / ESR + 1 / LOAD)
                    rates = [
                        (plus - ve) / (RE * CE),
                        (line - vs) / (RSN * CS),
                        (line - RC * cable - volts) / L,
                        (volts - vc) / (ESR * C),
                    ]
                    return rates, {"in": volts, "line": line, "cable": cable, "plus": plus}

                return motion

            return with_diodes

        run.y = [E, 0.0, 0.0, 0.0]
        for (_, closed), until in zip([(0.0, False), *EDGES], [*(t for t, _ in EDGES), 300e-6], strict=True):
            run.go_with_diodes(mode(closed), until, {"wheel": ("wheels", "wheeled")})

    return Circuit(
        300e-6, 16e-9, network, logic, equations,
        f"""
        Ve e 0 {E}
        Rs e plus {RS}
        Ce plus ex 10u IC={E}
        Re ex 0 {RE}
        Vk k 0 PWL({{contact}})
        Sk plus line k 0 contact
        Cs line sx 100n IC=0
        Rs2 sx 0 {RSN}
        Bwheel 0 line I = v(line) < -0.7 ? (-0.7 - v(line))/{RD} : 0
        Rc line cx {RC}
        Lc cx in 2u IC=0
        C in x 220u IC=0
        Resr x 0 {ESR}
        Rload in 0 {LOAD}
        .model contact SW(RON={K} ROFF=1G VT=0.5 VH=0)
        """,
        {
            "in": Output(v("in"), "v(in)"),
            "line": Output(v("line"), "v(line)"),
            "cable": Output(i("cable"), "i(lc)"),
        },
        {
            "starts": Mark("in", 42.0, +1),
            "inrush": Mark("cable", 200.0, +1),
            "wheels": Mark("line", -0.7, -1),
            "wheeled": Mark("line", -0.7, +1),
        },
    )  # fmt: skip

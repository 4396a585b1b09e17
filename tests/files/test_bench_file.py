"""The bench file: what the sample holds, and every reference that leads nowhere."""

import pytest

from rig.files.bench import Bench
from rig.files.document import load, resolve
from rig.files.transducers import Divider, Shunt

CONTACTORS = "energy_input, load_line, reverse_line, feed_line, proof_line, tap_short, tap_1, tap_2, tap_3, tap_4"
INSTRUMENTS = "supply, load, relays, daq, scope"


def test_the_twin_bench() -> None:
    bench = load(resolve("benches", "twin"), Bench)
    assert (bench.version, bench.name, bench.kind, bench.clock, bench.twin) == (1, "twin", "twin", None, None)
    assert bench.instruments["daq"].driver == "labjack_t7"
    assert bench.instruments["daq"].stream_port is None
    assert bench.roles["digitizer"] == "scope"
    assert bench.contactors["tap_short"].model_dump() == {
        "pilot": 9,
        "readback": "EIO3",
        "operate": 0.025,
        "release": 0.015,
        "carry": 500.0,
        "breaking": 500.0,
    }
    assert bench.exclusive[0] == ("energy_input", "reverse_line", "feed_line")
    assert bench.routes == {
        "forward": ("energy_input", "load_line"),
        "reversed": ("reverse_line",),
        "feed": ("feed_line",),
        "own": ("load_line",),
    }
    assert bench.injector.rating.model_dump() == {"voltage": 100.0, "current": 1500.0, "energy": 2500.0, "i2t": None}
    assert bench.injector.taps["tap_4"] == 4.25
    assert bench.cables["energy_input"].inductance == 2e-6
    assert bench.transducers["port_divider"] == Divider.model_construct(
        kind="divider", ratio=20.0, tolerance=0.005, bandwidth=20e6
    )
    assert isinstance(bench.transducers["port_shunt"], Shunt)
    signal = bench.signals["port_voltage"]
    assert signal.fast is not None
    assert signal.slow is not None
    assert (signal.fast.channel, signal.slow.channel, signal.slow.range) == (1, "AIN0", 10.0)
    assert bench.signals["input_voltage"].fast is None
    assert (bench.slow_rate, bench.digitizer_rate_max) == (2500.0, None)
    assert (bench.reference.signal, bench.reference.record) == ("port_voltage", "slow")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "digitizer: scope}",
            "digitizer: skope}",
            (
                "roles: {supply: supply,| roles.digitizer: unknown instrument 'skope' (did you mean 'scope'?; "
                f"allowed: {INSTRUMENTS})"
            ),
        ),
        (
            "digitizer: scope}",
            "digitiser: scope}",
            (
                "roles: {supply: supply,| roles.digitiser: expected 'supply', 'load', 'relays', 'lines', 'recorder', "
                "'digitizer', 'neighbour', 'generator' or 'chamber', found text: 'digitiser'"
            ),
        ),
        (
            "{pilot: 2, ",
            "{pilot: 1, ",
            "load_line: {pilot: 1, re| contactors.load_line.pilot: 1 is already used by contactors.energy_input.pilot",
        ),
        (
            "{pilot: 2, ",
            "{pilot: 10000, ",
            "load_line: {pilot: 10000| contactors.load_line.pilot: must be less than or equal to 9999",
        ),
        (
            "readback: EIO1,",
            "readback: EIO2,",
            (
                "reverse_line: {pilot: 3,| contactors.reverse_line.readback: 'EIO2' is already used by "
                "contactors.load_line.readback"
            ),
        ),
        (
            "forward: [energy_input, load_line]",
            "forward: [energy_input, loadline]",
            (
                "forward: [energy_input,| routes.forward[1]: unknown contactor 'loadline' (did you mean 'load_line'?; "
                f"allowed: {CONTACTORS})"
            ),
        ),
        (
            "forward: [energy_input, load_line]",
            "forward: [load_line, load_line]",
            "forward: [load_line, loa| routes.forward[1]: 'load_line' is already used by routes.forward[0]",
        ),
        (
            "forward: [energy_input, load_line]",
            "forward: [energy_input, reverse_line]",
            (
                "forward: [energy_input,| routes.forward: closes energy_input and reverse_line together, which "
                "exclusive[0] forbids"
            ),
        ),
        (
            "[load_line, reverse_line]",
            "[load_line, reverse]",
            (
                "- [load_line, reverse]| exclusive[1][1]: unknown contactor 'reverse' (did you mean 'reverse_line'?; "
                f"allowed: {CONTACTORS})"
            ),
        ),
        (
            "    tap_1: 19.5 ohm",
            "    tap_9: 19.5 ohm",
            (
                "tap_9: 19.5 ohm| injector.taps.tap_9: unknown contactor 'tap_9' (did you mean 'tap_4'?; "
                f"allowed: {CONTACTORS})"
            ),
        ),
        (
            "    tap_1: 19.5 ohm",
            "    tap_1: 0 ohm",
            "tap_1: 0 ohm| injector.taps.tap_1: must be greater than 0",
        ),
        (
            "  load_line: {resistance",
            "  lod_line: {resistance",
            (
                "lod_line: {resistance: 1| cables.lod_line: unknown contactor 'lod_line' (did you mean 'load_line'?; "
                f"allowed: {CONTACTORS})"
            ),
        ),
        (
            "fast: {channel: 4, transducer: gate_divider}",
            "fast: {channel: 4, transducer: gate}",
            (
                "fast: {channel: 4, trans| signals.gate_voltage.fast.transducer: unknown transducer 'gate' (allowed: "
                "port_divider, port_divider_dc, port_shunt, injector_shunt, gate_divider, input_divider)"
            ),
        ),
        (
            "fast: {channel: 4, transducer: gate_divider}",
            "fast: {channel: 3, transducer: gate_divider}",
            (
                "fast: {channel: 3, trans| signals.gate_voltage.fast.channel: 3 is already used by "
                "signals.injector_current.fast.channel"
            ),
        ),
        (
            (
                "  gate_voltage:\n    fast: {channel: 4, transducer: gate_divider}\n"
                "    slow: {channel: AIN3, transducer: gate_divider, range: 10 V}"
            ),
            "  gate_voltage: {}",
            "gate_voltage: {}| signals.gate_voltage: is seen by no record; write fast, slow or both",
        ),
        (
            "{signal: port_voltage, record: slow}",
            "{signal: input_voltage, record: fast}",
            "reference: {signal: inpu| reference.record: signal 'input_voltage' has no fast record",
        ),
        (
            "{signal: port_voltage, record: slow}",
            "{signal: voltage, record: slow}",
            (
                "reference: {signal: volt| reference.signal: unknown signal 'voltage' (did you mean 'port_voltage'?; "
                "allowed: port_voltage, port_current, injector_current, gate_voltage, input_voltage)"
            ),
        ),
        (
            "driver: rigol_dho800",
            "driver: Rigol DHO800",
            (
                "scope: {driver: Rigol DH| instruments.scope.driver: write the short name of a driver or module:Class, "
                "found 'Rigol DHO800'"
            ),
        ),
        (
            '"RIGOL TECHNOLOGIES,DHO804.*"',
            '"RIGOL ("',
            (
                "scope: {driver: rigol_dh| instruments.scope.identity: is no regular expression: missing ), "
                "unterminated subpattern at position 6"
            ),
        ),
        (
            "{kind: shunt, resistance: 5 mohm, tolerance: 0.1 %, inductance: 0.5 nH, bandwidth: 50 MHz}",
            "{kind: shunt, ratio: 5, resistance: 5 mohm, tolerance: 0.1 %, inductance: 0.5 nH, bandwidth: 50 MHz}",
            (
                "port_shunt: {kind: shunt| transducers.port_shunt.ratio: unknown key 'ratio' (allowed: kind, "
                "resistance, tolerance, inductance, bandwidth, serial)"
            ),
        ),
    ],
)
def test_one_mistake(mistakes_after, old: str, new: str, expected: str) -> None:
    assert expected in mistakes_after("benches/twin", Bench, [(old, new)])


def test_a_hardware_bench_has_addresses(mistakes_after) -> None:
    found = mistakes_after("benches/twin", Bench, [("kind: twin", "kind: hardware")])
    assert len(found) == 5
    assert (
        found[0]
        == "supply: {driver: ea_psb9| instruments.supply.address: a hardware bench needs the instrument's address, "
        "not 'twin'"
    )


def test_wrong_shapes_are_reported_by_the_model_alone(mistakes_after) -> None:
    found = mistakes_after(
        "benches/twin",
        Bench,
        [("exclusive:\n", "exclusive:\n  - load_line\n"), ("  reversed: [reverse_line]", "  reversed: {a: b}")],
    )
    assert found == [
        "- load_line| exclusive[0]: expected a list, found text: 'load_line'",
        "reversed: {a: b}| routes.reversed: expected a list, found a mapping: {'a': 'b'}",
    ]


def test_plug_in_drivers_and_published_addresses(tmp_path) -> None:
    text = resolve("benches", "twin").read_text(encoding="utf-8")
    text = text.replace(
        "driver: labjack_t7, address: twin", "driver: 'lab.t7:T7', address: '127.0.0.1:5020', stream_port: 702"
    )
    file = tmp_path / "b.yaml"
    file.write_text(text + "clock: /run/x/clock\ntwin: {seed: 7}\ndigitizer_rate_max: 1 MHz\n", encoding="utf-8")
    bench = load(file, Bench)
    assert bench.instruments["daq"].driver == "lab.t7:T7"
    assert bench.instruments["daq"].stream_port == 702
    assert (bench.clock, bench.twin) == ("/run/x/clock", {"seed": 7})
    assert bench.digitizer_rate_max == 1e6


def test_a_topology_names_every_contactor(mistakes_after) -> None:
    (found,) = mistakes_after("benches/twin", Bench, [("    tap_4: {injector: return}\n", "")])
    assert found.endswith("topology.contacts: says nothing of tap_4: name the nets that each contact joins")
    (found,) = mistakes_after(
        "benches/twin",
        Bench,
        [("    tap_4: {injector: return}\n", "    tap_4: {injector: return}\n    tap_9: {a: b}\n")],
    )
    assert "topology.contacts.tap_9: unknown contactor 'tap_9' (did you mean 'tap_4'" in found


def test_a_proof_needs_its_parts_by_name(mistakes_after) -> None:
    found = mistakes_after("benches/twin", Bench, [("  contactor: proof_line", "  contactor: proof_lin")])
    assert [one.partition("| ")[2][:58] for one in found] == [
        "proof.contactor: unknown contactor 'proof_lin' (did you mea"[:58]
    ]
    found = mistakes_after(
        "benches/twin",
        Bench,
        [
            ("    fast: {channel: 4, transducer: gate_divider}\n", ""),
            ("\n  feed_line: {resistance: 15 mohm, inductance: 2 uH}", ""),
        ],
    )
    assert [one.partition("| ")[2] for one in found] == [
        "proof: needs 'feed_line' in cables, which this bench does not have",
        "proof: needs a fast record of gate_voltage, which this bench does not have",
    ]


def test_what_takes_the_device_off_does_nothing_else(mistakes_after) -> None:
    found = mistakes_after("benches/twin", Bench, [("  contactor: proof_line", "  contactor: tap_1")])
    assert [one.partition("| ")[2] for one in found] == [
        "proof.contactor: 'tap_1' is part of a route: the one that takes the device off must not be"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "channel: load.volts, transducer: load_volts",
            "channel: AIN0, transducer: load_volts",
            "signals.port_voltage.slow.channel: nobody is the recorder, so that this is one of load.volts, load.amps,",
        ),
        (
            "range: 30 A",
            "range: 30 V",
            "signals.port_current.slow.range: '30 V' is not in A, in which the channel counts",
        ),
        (
            "channel: load.amps, transducer: load_amps",
            "channel: load.volts, transducer: load_amps",
            "signals.port_current.slow.transducer: 'load_amps' is in A, and load.volts is not",
        ),
        (
            "  gate_voltage:\n    fast: {channel: 4, transducer: gate_divider}\n",
            "",
            "proof: needs a fast record of gate_voltage, which this bench does not have",
        ),
        ("update: 100 ms}", "update: 0 s}", "update: must be"),
    ],
)
def test_read_backs_fit_a_bench_without_a_recorder(mistakes_after, old: str, new: str, expected: str) -> None:
    assert any(expected in one for one in mistakes_after("benches/modest", Bench, [(old, new)]))


def test_a_bench_with_a_recorder_has_no_read_backs(mistakes_after) -> None:
    old = "port_divider_dc: {kind: divider, ratio: 8, tolerance: 0.02 %, bandwidth: 20 kHz}"
    new = "port_divider_dc: {kind: reading, unit: V, update: 100 ms}"
    (found,) = mistakes_after("benches/twin", Bench, [(old, new)])
    assert found.endswith("'port_divider_dc' is a reading, and this bench has a recorder: name a transducer")

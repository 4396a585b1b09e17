"""The real twin as a process: launch, use over plain sockets, end. Waits are bounded and on pipes or sockets."""

import os
import select
import signal
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rig.twin.launch import TwinFailed, launch
from rig.twin.process import serve

PATIENCE_S = 30.0
MS = 1_000_000


class Bench:
    """Plain clients of a launched twin."""

    def __init__(self, path, plain):
        self._plain, self._open, self._clock = plain, [], None
        self.data = YAML(typ="safe").load(Path(path).read_text())

    def __getattr__(self, name):
        entry = self.data["instruments"][name]
        address = entry["address"]
        if address.startswith("TCPIP"):
            client = self.keep(self._plain.Scpi(int(address.split("::")[2])))
        else:
            client = self.keep(self._plain.Modbus(int(address.rpartition(":")[2])))
        if self._clock is not None:
            self._clock.claim(client, name)
        return client

    def keep(self, client):
        self._open.append(client)
        return client

    def clock(self):
        """Instruments that are opened afterwards are claimed for the first one."""
        clock = self.keep(self._plain.Json(self.data["clock"]))
        self._clock = self._clock or clock
        return clock

    def close(self):
        for client in self._open:
            client.close()


@pytest.fixture
def twin():
    with launch(scene="healthy", seed=7) as launched:
        yield launched


@pytest.fixture
def bench(twin, plain):
    clients = Bench(twin.bench, plain)
    yield clients
    clients.close()


def truth(twin, bench, plain):
    return bench.keep(plain.Json(twin.directory / "truth" / "truth.sock"))


def test_the_device_answers_at_its_own_address_while_it_has_energy(twin, bench, plain):
    link = bench.data["device_link"]
    device = bench.keep(plain.Modbus(int(link["modbus"].rpartition(":")[2])))
    clock = bench.clock()
    clock.ask(op="hello", owner=True)
    bench.relays.ask(bytes.fromhex("05 0000 FF00"))
    clock.ask(op="sleep", ns=50 * MS)
    assert bench.supply.ask("SYST:LOCK ON;:VOLT 48;CURR 8;:OUTP ON;:SYST:ERR?") == '0,"No error"'
    clock.ask(op="sleep", ns=1000 * MS)
    assert device.ask(bytes.fromhex("04 0002 0008"), unit=link["unit"])[2:].rstrip(b"\0") == b"REF-0001"
    assert device.ask(bytes.fromhex("04 000A 0002"), unit=link["unit"]) == bytes.fromhex("04 04 0002 0000")
    assert device.ask(bytes.fromhex("06 000A 0000"), unit=link["unit"]) == bytes.fromhex("86 01")
    socket = truth(twin, bench, plain)
    assert socket.ask(op="press", command="off")["pressed"] == "off"
    assert device.ask(bytes.fromhex("04 000A 0002"), unit=link["unit"]) == bytes.fromhex("04 04 0008 0006")
    assert "no command 'x'" in socket.ask(op="press", command="x")["error"]


def test_the_port_comes_up_and_a_short_takes_it_down(twin, bench, plain):
    clock = bench.clock()
    clock.ask(op="hello", owner=True)
    supply, scope, daq, relays = bench.supply, bench.scope, bench.daq, bench.relays
    relays.ask(bytes.fromhex("05 0000 FF00"))  # energy input
    relays.ask(bytes.fromhex("05 0008 FF00"))  # the tap of the short
    clock.ask(op="sleep", ns=50 * MS)
    assert supply.ask("SYST:LOCK ON;:VOLT 48;CURR 8;:OUTP ON;:SYST:ERR?") == '0,"No error"'
    clock.ask(op="sleep", ns=1000 * MS)
    assert daq.read(2501, ">H") == 0b1001  # both contactors are in
    assert daq.read(0, ">f") * 8 == pytest.approx(54.0, abs=0.1)
    for n in range(1, 5):
        scope.write(f":CHAN{n}:DISP ON;SCAL 0.5;OFFS 0")
    scope.write(":CHAN1:OFFS -1.5;:TIM:MAIN:SCAL 1e-5;:ACQ:MDEP 10k;:TRIG:EDGE:SOUR CHAN4;LEV 1.5;:SING")
    assert scope.ask(":SYST:ERR?") == '0,"No error"'
    clock.ask(op="sleep", ns=10 * MS)
    assert scope.ask(":TRIG:STAT?") == "WAIT"
    daq.put(2000, ">H", 1)
    clock.ask(op="sleep", ns=1 * MS)
    daq.put(2000, ">H", 0)
    assert scope.ask(":TRIG:STAT?") == "STOP"
    scope.write(":WAV:SOUR CHAN3;MODE RAW;FORM WORD;STAR 1;STOP 10000")
    amps = max(struct.unpack("<10000H", scope.block(":WAV:DATA?")))
    witness = truth(twin, bench, plain)
    peak = witness.ask(op="peak", probe="injector_current")["value"]
    assert (amps - 32768) * 8 * 0.5 / 65536 / 5e-3 == pytest.approx(peak, rel=0.1)
    assert peak > 100
    summary = witness.ask(op="summary")
    assert (summary["supply_output"], summary["coils"], summary["injector"]) == (True, [1, 9], False)
    assert summary["device"] != "on"
    assert clock.ask(op="log")["events"] == len(witness.ask(op="log")["lines"])
    assert twin.said() == ""


def test_what_the_truth_socket_knows_and_refuses(twin, bench, plain):
    witness, clock = truth(twin, bench, plain), bench.clock()
    clock.ask(op="sleep", ns=MS)
    window = {"from_ps": 0, "to_ps": 1_000_000_000}
    assert witness.ask(op="value", probe="port_voltage")["value"] == pytest.approx(0.0, abs=1e-9)
    assert witness.ask(op="value", probe="v(supply_plus,supply_minus)")["value"] == pytest.approx(0.0, abs=1e-9)
    assert witness.ask(op="integral", probe="i(port_shunt)", **window)["value"] == pytest.approx(0.0, abs=1e-9)
    assert witness.ask(op="i2t", probe="port_current", **window)["value"] == pytest.approx(0.0, abs=1e-9)
    assert witness.ask(op="energy", volts="port_voltage", amps="port_current")["value"] == pytest.approx(0.0, abs=1e-9)
    assert witness.ask(op="crossings", probe="port_voltage", level=1.0)["crossings"] == []
    assert "unknown op" in witness.ask(op="jump")["error"]
    assert "'probe' is missing" in witness.ask(op="value")["error"]
    assert "no probe" in witness.ask(op="value", probe="volts")["error"]
    assert "error" in witness.ask(op="value", probe="v(nowhere)")
    assert "'fault' is missing" in witness.ask(op="fault", part="load")["error"]
    assert "the bench has no part 'chiller'" in witness.ask(op="fault", fault="mute", part="chiller")["error"]
    assert "write it into the scene" in witness.ask(op="fault", fault="reversed", part="load_line")["error"]
    assert "needs a magnitude" in witness.ask(op="fault", fault="tap_value", part="tap_1")["error"]
    name = "Siglent Technologies,SDL1030X-E,1,2"
    assert witness.ask(op="fault", fault="wrong_identity", part="load", text=name) == {"number": 1}
    assert bench.load.ask("*IDN?") == name
    assert witness.ask(op="end", number=1) == {"ended": 1}
    assert "SDL1030X," in bench.load.ask("*IDN?")
    assert "error" in witness.ask(op="end", number=1)
    assert witness.ask(op="fault", fault="mute", part="load") == {"number": 2}
    assert witness.ask(op="fault", fault="dead", part="scope") == {"number": 3}
    with pytest.raises(ConnectionRefusedError):
        bench.scope  # noqa: B018  connecting is the test


BROKEN = """
schema: 1
name: broken
extends: healthy
bench:
  faults:
    - {fault: wrong_serial, part: scope, text: DHO8A000000000}
    - {fault: late, part: load, size: 1 s, at: 200 ms}
    - {fault: reboots, part: supply, size: 3 s, at: 500 ms}
    - {fault: welded, part: energy_input, at: 100 ms}
    - {fault: readings_frozen, part: relays, at: 300 ms, until: 10 s}
"""


def test_a_broken_bench_is_broken_at_its_times_and_every_time_the_same(plain, tmp_path):
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    hashes = []
    for _ in range(2):
        with launch(scene=str(tmp_path / "broken.yaml"), seed=7) as twin:
            bench = Bench(twin.bench, plain)
            clock = bench.clock()
            clock.ask(op="hello", owner=True)
            assert ",DHO8A000000000," in bench.scope.ask("*IDN?")
            supply, relays, load = bench.supply, bench.relays, bench.load
            relays.ask(bytes.fromhex("05 0000 FF00"))
            assert supply.ask("SYST:LOCK ON;:VOLT 48;CURR 8;:OUTP ON;:OUTP?") == "ON"
            clock.ask(op="sleep", ns=400 * MS)
            relays.ask(bytes.fromhex("05 0000 0000"))
            assert relays.ask(bytes.fromhex("01 0000 0008")) == bytes.fromhex("01 01 01")
            before = clock.ask(op="now")["now"]
            load.ask("*OPC?")
            assert clock.ask(op="now")["now"] - before == 1005 * MS
            assert supply.sock.recv(1) == b""
            with pytest.raises(ConnectionRefusedError):
                bench.supply  # noqa: B018  connecting is the test
            clock.ask(op="sleep", ns=3000 * MS)
            assert bench.supply.ask("VOLT?;:OUTP?") == "0.00 V;OFF"
            summary = truth(twin, bench, plain).ask(op="summary")
            assert (summary["coils"], summary["contactors"]["energy_input"]) == ([], True)
            hashes.append(clock.ask(op="log")["sha256"])
            assert twin.said() == ""
            bench.close()
    assert hashes[0] == hashes[1]


def test_files_and_sockets_are_for_the_owner_alone(twin, bench):
    assert stat.S_IMODE(twin.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((twin.directory / "truth").stat().st_mode) == 0o700
    assert stat.S_IMODE(twin.bench.stat().st_mode) == 0o600
    assert "truth" not in twin.bench.read_text()
    assert bench.data["clock"] == str(twin.directory / "clock.sock")
    assert bench.data["twin"] == {"pid": twin.process.pid, "seed": 7}


def test_equal_seeds_give_equal_logs_and_readings(plain):
    def run(seed):
        with launch(scene="healthy", seed=seed) as twin:
            bench = Bench(twin.bench, plain)
            clock = bench.clock()
            clock.ask(op="hello", owner=True)
            supply, daq, relays = bench.supply, bench.daq, bench.relays
            relays.ask(bytes.fromhex("05 0000 FF00"))
            clock.ask(op="sleep", ns=50 * MS)
            replies = [supply.ask("SYST:LOCK ON;:VOLT 48;CURR 8;:OUTP ON;:SYST:ERR?")]
            for _ in range(5):
                clock.ask(op="sleep", ns=100 * MS)
                replies += [supply.ask("MEAS:ARR?"), daq.read(0, ">f")]
            replies.append(clock.ask(op="log"))
            bench.close()
        return replies

    first, again, other = run(7), run(7), run(8)
    assert first == again
    assert first[1:-1] != other[1:-1]


def test_a_terminals_interrupt_does_not_reach_it(twin, bench):
    assert os.getsid(twin.process.pid) == twin.process.pid != os.getsid(0)
    assert os.getpgid(twin.process.pid) != os.getpgid(0)
    assert bench.clock().ask(op="now")["now"] == 0


def test_it_ends_when_its_owner_and_the_last_client_are_gone(twin, bench, plain):
    clock, supply = bench.clock(), bench.supply
    clock.ask(op="hello", owner=True)
    assert supply.ask("SYST:LOCK ON;*OPC?") == "1"
    twin.process.stdin.close()
    assert supply.ask("*OPC?") == "1"
    clock.close()  # a guard is still connected to an instrument
    assert supply.ask("*OPC?") == "1"
    supply.close()
    assert twin.process.wait(PATIENCE_S) == 0
    assert not twin.directory.exists()


def test_a_killed_owner_takes_the_twin_along(plain):
    """The owner is a process of its own that is killed without a chance to clean up."""
    script = (
        "import sys\nfrom rig.twin.launch import launch\nt = launch(scene='healthy')\n"
        "print(t.process.pid, t.bench, flush=True)\nsys.stdin.read()"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert select.select([owner.stdout], [], [], PATIENCE_S)[0]
    pid, bench_path = owner.stdout.readline().decode().split()
    bench = Bench(bench_path, plain)
    guard = bench.supply
    assert guard.ask("SYST:LOCK ON;*OPC?") == "1"
    gone = os.pidfd_open(int(pid))
    owner.kill()
    owner.wait(PATIENCE_S)
    assert guard.ask("OUTP OFF;*OPC?") == "1"  # the guard still makes the bench safe
    assert not select.select([gone], [], [], 0)[0]
    bench.close()
    assert select.select([gone], [], [], PATIENCE_S)[0]
    os.close(gone)
    owner.stdin.close()
    owner.stdout.close()
    assert not Path(bench_path).parent.exists()


def test_closing_ends_a_twin_that_a_client_still_holds(bench, twin):
    bench.clock().ask(op="hello", owner=True)
    assert twin.close(timeout_s=0.2) == 0
    assert not twin.running


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scene": "helthy"}, "did you mean 'healthy'"),
        ({"scene": "nowhere.yaml"}, "no such file"),
        ({"bench": "twn"}, "did you mean 'twin'"),
        ({"device": "nobody"}, "nobody"),
        ({"pace": -1.0}, "the pace must be a positive number"),
    ],
)
def test_mistakes_come_back_as_sentences(options, sentence):
    with pytest.raises(TwinFailed, match=sentence) as error:
        launch(**options)
    assert error.value.exit_code == 2
    assert "Traceback" not in str(error.value)


def test_mistakes_in_a_scene_come_back_with_their_lines(tmp_path):
    scene = tmp_path / "odd.yaml"
    scene.write_text(
        "schema: 1\nname: odd\nextends: healthy\ndevice:\n"
        "  parts: {converter: {voltage: 54}}\n  ports: {grid: {recovery: {policy: never}}}\n"
    )
    with pytest.raises(TwinFailed) as error:
        launch(scene=str(scene))
    assert error.value.exit_code == 2
    lines = str(error.value).splitlines()
    assert [line.partition(": ")[0].rpartition(":")[2] for line in lines] == ["5", "6"]


def test_a_device_chooses_its_scene(plain, tmp_path):
    with launch(device="limiter") as twin:
        bench = Bench(twin.bench, plain)
        assert bench.supply.ask("*IDN?").startswith("EA Elektro-Automatik")
        bench.close()
    stranger = tmp_path / "stranger.yaml"
    stranger.write_text("serial_pattern: XXX-[0-9]+\n")
    with pytest.raises(TwinFailed, match="no scene simulates a device with a serial number like"):
        launch(device=str(stranger))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_person_ends_it_with_a_signal(tmp_path, number):
    out = tmp_path / "bench.yaml"
    command = [sys.executable, "-m", "rig.twin", "--write-bench", str(out), "--pace", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert select.select([process.stdout], [], [], PATIENCE_S)[0]
    assert process.stdout.readline().decode() == f"ready {out}\n"
    clock = Path(YAML(typ="safe").load(out.read_text())["clock"])
    assert clock.is_socket()
    process.send_signal(number)
    assert process.wait(PATIENCE_S) == 0
    process.stdout.close()
    assert not out.exists()
    assert not clock.parent.exists()


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    out = tmp_path / "no" / "bench.yaml"
    command = [sys.executable, "-m", "rig.twin", "--write-bench", str(out)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("the twin cannot serve: ")
    assert "Traceback" not in done.stderr.decode()


def used(pid):
    """What a process has used so far: CPU time in ns, and how often it woke up."""
    about = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]), int(about["voluntary_ctxt_switches"])


def idle_for(twin, seconds):
    """CPU time (ns) and wake-ups of the twin while this process waits for an end that does not come."""
    gone = os.pidfd_open(twin.process.pid)
    before = used(twin.process.pid)
    assert not select.select([gone], [], [], seconds)[0]
    after = used(twin.process.pid)
    os.close(gone)
    return after[0] - before[0], after[1] - before[1]


def test_an_idle_twin_uses_no_cpu_and_catches_up_when_somebody_comes_back(plain):
    with launch(scene="healthy", watchdog=0.5) as twin:
        stay_idle(twin, Bench(twin.bench, plain), plain)


def stay_idle(twin, bench, plain):
    clock, sleeper = bench.clock(), bench.clock()
    clock.ask(op="hello", owner=True, name="silent")
    supply = bench.supply
    sleeper.send(op="sleep", ns=1000 * MS)
    assert supply.ask("SYST:LOCK ON;:VOLT 48;CURR 8;:OUTP ON;*OPC?") == "1"
    cpu_ns, woken = idle_for(twin, 1.0)
    assert woken <= 4  # on its way to sleep, and the watchdog once in half a second
    assert cpu_ns < 10e6
    assert f"silent (pid {os.getpid()}) holds time since" in twin.said()
    bench.close()
    witness = plain.Json(twin.directory / "truth" / "truth.sock")
    before = witness.ask(op="summary")["now_ps"]
    witness.close()
    cpu_ns, woken = idle_for(twin, 2.5)  # nobody is connected: bench time goes by the wall
    assert woken <= 3
    assert cpu_ns < 50e6
    witness = plain.Json(twin.directory / "truth" / "truth.sock")
    summary = witness.ask(op="summary")
    witness.close()
    assert summary["now_ps"] - before >= 2.5e12
    assert summary["supply_output"]


def test_a_watchdog_without_patience_is_a_sentence(tmp_path, capsys):
    assert serve(bench="twin", write_bench=tmp_path / "bench.yaml", watchdog=0.0) == 2
    assert capsys.readouterr().err == "the watchdog's patience must be a positive number of seconds, not 0\n"

"""The T7's registers and its stream over real sockets."""

import select
import struct

import numpy as np
import pytest

HEADER = struct.Struct(">HHHBBBBHHH")


@pytest.fixture
def daq(rig):
    return rig.modbus("daq")


def start(daq, inputs=(0, 2), rate=1000.0, samples=4, scans=0):
    for address, form, value in (
        (4002, ">f", rate),
        (4004, ">I", len(inputs)),
        (4006, ">I", samples),
        (4012, ">I", 4096),
        (4016, ">I", 1),
        (4018, ">I", 0),
        (4020, ">I", scans),
    ):
        assert daq.put(address, form, value)[0] == 16
    for index, n in enumerate(inputs):
        assert daq.put(4100 + 2 * index, ">I", 2 * n)[0] == 16
    return daq.put(4990, ">I", 1)


def arrived(sock):
    """All packets that are there without waiting, as (header, samples)."""
    data = b""
    while select.select([sock], [], [], 0)[0]:
        piece = sock.recv(1 << 20)
        if not piece:
            break
        data += piece
    packets = []
    while data:
        header = HEADER.unpack_from(data)
        size = 6 + header[2]
        packets.append((header, np.frombuffer(data[HEADER.size : size], ">u2")))
        data = data[size:]
    return packets


def test_identity(daq):
    assert daq.read(60000, ">f") == 7.0
    assert daq.read(60004, ">f") == pytest.approx(1.0331)
    assert daq.read(60028, ">I") == 470012345
    assert daq.read(55100, ">I") == 0x00112233
    assert daq.read(60002, ">f") == pytest.approx(1.35)
    assert daq.read(60006, ">f") == pytest.approx(0.95)


def test_analog_inputs_one_by_one_and_together(daq):
    assert daq.read(0, ">f") == 0.0
    assert daq.read(6, ">f") == pytest.approx(0.3)
    reply = daq.ask(struct.pack(">BHH", 4, 2, 4))
    assert struct.unpack(">ff", reply[2:]) == pytest.approx((0.1, 0.2))


def test_ranges(daq):
    assert daq.read(40002, ">f") == 10.0
    assert daq.put(40002, ">f", 1.0) == bytes.fromhex("10 9C42 0002")
    assert daq.read(40002, ">f") == 1.0
    assert daq.put(43900, ">f", 0.1)[0] == 16
    assert daq.read(40026, ">f") == pytest.approx(0.1)
    assert daq.put(40002, ">f", 0.0)[0] == 16  # the default
    assert daq.read(40002, ">f") == 10.0
    assert daq.put(40002, ">f", 5.0) == bytes((0x90, 3))
    assert daq.put(41000, ">H", 199)[0] == 16
    assert daq.put(43902, ">H", 199)[0] == 16
    assert daq.put(41000, ">H", 1) == bytes((0x90, 3))
    assert daq.read(41001, ">H") == 199


def test_lines(rig, daq):
    assert daq.ask(struct.pack(">BHH", 6, 2000, 1)) == struct.pack(">BHH", 6, 2000, 1)
    assert daq.put(2009, ">H", 1)[0] == 16
    assert rig.world.lines.high == {"FIO0", "EIO1"}
    assert [daq.read(address, ">H") for address in (2500, 2501, 2502, 2503)] == [1, 2, 0, 0]
    assert [daq.read(address, ">H") for address in (2600, 2601, 2602, 2603)] == [1, 2, 0, 0]
    assert daq.read(2800, ">I") == 1 | 1 << 9
    daq.ask(struct.pack(">BHH", 6, 2000, 0))
    assert rig.world.lines.high == {"EIO1"}


def test_reading_one_line_makes_it_an_input_which_the_bench_pulls_low(rig, daq):
    daq.put(2000, ">H", 1)
    daq.put(2001, ">H", 1)
    assert daq.read(2000, ">H") == 0
    assert rig.world.lines.high == {"FIO1"}
    assert daq.read(2600, ">H") == 0b10
    assert daq.put(2500, ">H", 0b11)[0] == 16  # latches of outputs only
    assert rig.world.lines.high == {"FIO1"}
    assert daq.put(2500, ">H", 0b10 << 8)[0] == 16  # inhibited
    assert rig.world.lines.high == {"FIO1"}
    assert daq.put(2500, ">H", 0)[0] == 16
    assert rig.world.lines.high == set()
    rig.call(rig.world.lines.high.add, "EIO1")  # an auxiliary contact
    reply = daq.ask(struct.pack(">BHH", 3, 2008, 8))
    assert struct.unpack(">8H", reply[2:]) == (0, 1, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("request_pdu", "reply"),
    [
        (struct.pack(">BHH", 3, 0, 1), "83 02"),  # half a value
        (struct.pack(">BHH", 3, 1, 2), "83 02"),
        (struct.pack(">BHH", 3, 9999, 2), "83 02"),
        (struct.pack(">BHH", 3, 0, 126), "83 03"),
        (struct.pack(">BHH", 3, 4990, 0), "83 03"),
        (struct.pack(">BHH", 6, 60000, 1), "86 02"),  # read only
        (struct.pack(">BHH", 6, 2000, 2), "86 03"),
        (struct.pack(">BHH", 6, 2015, 1), "86 04"),  # an input on this bench
        (struct.pack(">BHHBf", 16, 0, 2, 4, 1.0), "90 02"),
        (struct.pack(">BHHBH", 16, 40000, 2, 2, 1), "90 03"),
        (struct.pack(">BHHBH", 16, 40000, 1, 2, 1), "90 02"),
        (b"\x4d", "CD 01"),
        (b"\x01\x00\x00\x00\x08", "81 01"),
    ],
)
def test_exceptions(daq, request_pdu, reply):
    assert daq.ask(request_pdu) == bytes.fromhex(reply)


def test_a_write_is_all_or_nothing(rig, daq):
    data = struct.pack(">fI", 50.0, 3) + b"\x00\x00"
    assert daq.ask(struct.pack(">BHHB", 16, 4002, 5, 10) + data) == bytes((0x90, 2))
    assert daq.read(4002, ">f") == 0.0


def test_stream_packets_are_there_when_the_clock_replies(rig, daq):
    stream, clock = rig.stream(), rig.clock(owner=True)
    assert start(daq) == bytes.fromhex("10 137E 0002")
    assert daq.read(4990, ">I") == 1
    reply = clock.ask(op="sleep", ns=10_000_000)
    packets = arrived(stream)
    scans = 1 + (10 + 1) // 1  # scan 0 at the start, one a millisecond; the read above took 1 ms
    assert [header[7:] for header, _ in packets] == [(0, 0, 0)] * (scans * 2 // 4)
    assert [header[0] for header, _ in packets] == list(range(len(packets)))
    assert {header[1:7] for header, _ in packets} == {(0, 10 + 8, 1, 76, 16, 0)}
    samples = np.concatenate([samples for _, samples in packets]).reshape(-1, 2)
    assert samples[:, 0].tolist() == list(range(len(samples)))
    assert samples[:, 1].tolist() == [2000 + k for k in range(len(samples))]
    assert reply["streamed"] == {"daq": len(packets) * (16 + 8)}


def test_now_brings_the_packets_of_commands_that_took_time(rig, daq):
    stream, clock = rig.stream(), rig.clock(owner=True)
    start(daq, rate=4000.0)
    rig.modbus("relays").ask(bytes.fromhex("01 0000 0008"))  # 2 ms
    clock.ask(op="now")
    assert sum(len(samples) for _, samples in arrived(stream)) == 2 * 9 // 4 * 4


def test_a_long_sleep_fits_without_a_reader(rig, daq):
    stream, clock = rig.stream(), rig.clock(owner=True)
    start(daq, inputs=(0, 1, 2), rate=2500.0, samples=510)
    total = clock.ask(op="sleep", ns=60_000_000_000)["streamed"]["daq"]
    received = b""
    while len(received) < total:
        received += stream.recv(1 << 16)
    assert len(received) == total == 150_001 * 3 // 510 * (16 + 1020)
    assert daq.put(4990, ">I", 0)[0] == 16


def test_the_rate_read_back_is_the_timers(daq):
    start(daq, rate=3000.0)
    assert daq.read(4002, ">f") == pytest.approx(80e6 / round(80e6 / 3000), rel=1e-7)


def test_readings_and_settings_are_refused_while_streaming(daq):
    assert start(daq)[0] == 16
    for reply in (
        daq.ask(struct.pack(">BHH", 3, 0, 2)),
        daq.put(40000, ">f", 1.0),
        daq.put(4002, ">f", 10.0),
        daq.put(4100, ">I", 0),
        daq.put(4990, ">I", 1),
    ):
        assert reply[0] & 0x80
        assert reply[1] == 4
        assert daq.read(55000, ">H") == 2605
    assert daq.put(2000, ">H", 1)[0] == 16  # lines go on
    assert daq.put(4990, ">I", 0)[0] == 16
    assert daq.put(4990, ">I", 0) == bytes((0x90, 4))
    assert daq.read(55000, ">H") == 2620
    assert daq.read(0, ">f") == 0.0


@pytest.mark.parametrize(
    ("address", "form", "value", "detail"),
    [
        (4004, ">I", 0, 2606),
        (4004, ">I", 129, 2606),
        (4100, ">I", 1, 2606),
        (4100, ">I", 28, 2606),
        (4002, ">f", 0.0, 2607),
        (4002, ">f", 50_001.0, 2607),
        (4006, ">I", 0, 2607),
        (4008, ">f", 4401.0, 2607),
        (4006, ">I", 513, 2607),
        (4012, ">I", 65536, 2607),
        (4012, ">I", 3000, 2607),
        (4014, ">I", 2, 2607),
        (4016, ">I", 2, 2607),
        (4018, ">I", 1, 2607),
    ],
)
def test_what_the_stream_refuses(daq, address, form, value, detail):
    start(daq)
    daq.put(4990, ">I", 0)
    daq.put(address, form, value)
    assert daq.put(4990, ">I", 1) == bytes((0x90, 4))
    assert daq.read(55000, ">H") == detail


def test_a_burst_ends_by_itself(rig, daq):
    stream, clock = rig.stream(), rig.clock(owner=True)
    start(daq, inputs=(0, 1, 2), samples=4, scans=3)
    clock.ask(op="sleep", ns=20_000_000)
    packets = arrived(stream)
    assert [header[8] for header, _ in packets] == [0, 0, 2944]
    assert [len(samples) for _, samples in packets] == [4, 4, 1]


def test_scans_that_nobody_hears_overflow_the_buffer(rig, daq):
    clock = rig.clock(owner=True)
    start(daq, inputs=(0, 2), rate=1000.0, samples=512)
    clock.ask(op="sleep", ns=5_000_000_000)
    stream = rig.stream()
    clock.ask(op="sleep", ns=1_000_000_000)
    packets = arrived(stream)
    room = 4096 // 4  # scans of two samples
    assert [header[8] for header, _ in packets[:5]] == [2940, 2940, 2940, 2940, 2941]
    kept = np.concatenate([samples for _, samples in packets[:4]]).reshape(-1, 2)
    assert kept[:, 0].tolist() == list(range(room))
    lost = packets[4][0][9]
    assert packets[4][1].tolist() == [0xFFFF, 0xFFFF]
    rest = np.concatenate([samples for _, samples in packets[5:]]).reshape(-1, 2)
    assert rest[0, 0] == room + lost
    assert {header[8] for header, _ in packets[5:]} == {0}


def test_the_newest_client_gets_the_stream_and_may_say_anything(rig, daq):
    first, second = rig.stream(), rig.stream()
    second.sendall(b"\x00garbage\n")
    clock = rig.clock(owner=True)
    start(daq)
    clock.ask(op="sleep", ns=10_000_000)
    assert arrived(first) == []
    assert arrived(second) != []


@pytest.mark.parametrize(
    ("settling", "rate", "overlaps"),
    [(0.0, 5000.0, False), (200.0, 1000.0, False), (0.0, 33_333.0, False), (1000.0, 900.0, True)],
)
def test_a_scan_longer_than_its_interval_ends_the_stream(rig, daq, settling, rate, overlaps):
    daq.put(4008, ">f", settling)
    listener, clock = rig.stream(), rig.clock(owner=True)
    assert start(daq, inputs=(0, 1, 2), rate=rate, samples=3)[0] == 16
    clock.ask(op="sleep", ns=10_000_000)
    packets = arrived(listener)
    if overlaps:
        assert [(header[8], len(samples)) for header, samples in packets] == [(2942, 0)]
        assert daq.put(4990, ">I", 0) == bytes((0x90, 4))  # it is not running any more
    else:
        assert {header[8] for header, _ in packets} == {0}
        assert len(packets) > 5


def test_its_own_constants_are_in_its_flash(rig, daq):
    first = 0x3C4000
    assert daq.put(61810, ">I", first)[0] == 16
    assert struct.unpack(">4f", daq.ask(struct.pack(">BHH", 3, 61812, 8))[2:]) == (
        10 / 32768, -10 / 32768, 33523.5, pytest.approx(-10 / 32768 * 33523.5)
    )  # fmt: skip
    daq.put(61810, ">I", first + 48)
    last = daq.ask(struct.pack(">BHH", 3, 61812, 10))[2:]
    assert struct.unpack(">f", last[:4]) == (pytest.approx(0.01 / 32768),)
    assert last[16:] == b"\xff" * 4, "behind them nothing is modelled"
    assert daq.ask(struct.pack(">BHH", 3, 61812, 3)) == b"\x83\x02", "an even number of registers, or none"


# -- T8


@pytest.fixture
def t8(serving):
    return serving(daq="labjack_t8")


def test_t8_identity_ranges_and_what_it_ignores(t8):
    daq = t8.modbus("daq")
    assert daq.read(60000, ">f") == 8.0
    assert daq.read(40000, ">f") == 11.0
    assert daq.put(40014, ">f", 4.8)[0] == 16
    assert daq.read(40014, ">f") == pytest.approx(4.8)
    assert daq.put(40000, ">f", 10.0) == b"\x90\x03", "10 V is a range of the T7"
    assert daq.put(40016, ">f", 11.0) == b"\x90\x02", "it has eight inputs"
    assert daq.put(41000, ">H", 1)[0] == 16, "a negative channel has no meaning and is ignored"


def test_t8_captures_all_inputs_when_one_is_read(t8):
    daq = t8.modbus("daq")
    assert daq.read(650 + 2 * 7, ">f") == 0.0
    assert daq.read(0, ">f") == 0.0
    assert daq.read(650 + 2 * 7, ">f") == pytest.approx(0.7)


@pytest.mark.parametrize(("inputs", "rate", "taken"), [(8, 40e3, True), (1, 40.1e3, False)])
def test_t8_streams_every_input_at_its_rate(t8, inputs, rate, taken):
    daq = t8.modbus("daq")
    assert daq.put(4008, ">f", 4000.0)[0] == 16
    reply = start(daq, range(inputs), rate, samples=inputs)
    assert (reply[0] == 16) is taken
    if taken:
        stream = t8.stream()
        t8.clock(owner=True).ask(op="sleep", ns=1_000_000)
        packets = arrived(stream)
        assert len(packets) > 30
        assert all(header[8] == 0 for header, _ in packets), "settling has no meaning: no scan overlaps"


def feedback(*writes):
    """Function 76: frames that write (address, data)."""
    return b"\x4c" + b"".join(struct.pack(">BHB", 1, address, len(data) // 2) + data for address, data in writes)


def test_a_packet_of_frames_is_carried_out_in_order_and_waits_in_between(rig, daq):
    word, wait = struct.Struct(">H").pack, struct.pack(">I", 300)
    assert daq.ask(feedback((2001, word(1)), (61590, wait), (2001, word(0)))) == b"\x4c"
    assert rig.world.lines.high == {"FIO1"}
    daq.read(2500, ">H")  # a millisecond on
    assert rig.world.lines.high == set()
    high, low = (int(line.split()[0]) for line in rig.world.sim.lines if "FIO1" in line)
    assert low - high == 300_000_000


@pytest.mark.parametrize(
    "packet",
    [b"\x4c", b"\x4c\x02\x07\xd1\x01\x00\x01", b"\x4c\x01\x07\xd1\x02\x00\x01",
     feedback((61590, struct.pack(">I", 100_001)))],
)  # fmt: skip
def test_frames_that_are_none_and_waits_too_long_are_refused(daq, packet):
    assert daq.ask(packet) == b"\xcc\x03"

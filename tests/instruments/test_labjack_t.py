"""LabJack T7 and T8: Modbus transcripts and stream packets, synthetic, written from the T-Series data sheet."""

import select
import socket
import struct
import threading
from itertools import pairwise

import numpy as np
import pytest
from instrument_player import Player, Say, WaitFor

from instruments.errors import InstrumentError, LinkLost, LinkRefused, NotSupported, OutOfRange, ProtocolError
from instruments.recorders.labjack_t import LabjackT
from instruments.records import Identity, NetworkAddress


def read(register, count):
    return b"\x01\x03" + struct.pack(">HH", register, count)


def registers(data):
    return b"\x01\x03" + bytes([len(data)]) + data


def write(register, data):
    return b"\x01\x10" + struct.pack(">HHB", register, len(data) // 2, len(data)) + data, b"\x01\x10" + struct.pack(
        ">HH", register, len(data) // 2
    )


def words(*values):
    return struct.pack(f">{len(values)}H", *values)


def u32(*values):
    return struct.pack(f">{len(values)}I", *values)


def f32(value):
    return struct.pack(">f", value)


IDENTITY = [
    (read(60000, 2), registers(f32(7.0))),
    (read(60028, 2), registers(u32(470012345))),
    (read(60004, 2), registers(f32(1.0292))),
]


def flash(step=315.80578e-6, centre=33523.0, above=1.0):
    """What a T7 keeps of its fast converter."""
    sets = [
        f32(step / tens * above) + f32(-step / tens) + f32(centre) + f32(-centre * step) for tens in (1, 10, 100, 1e3)
    ]
    return [
        write(61810, u32(0x3C4000)),
        (read(61812, 16), registers(sets[0] + sets[1])),
        write(61810, u32(0x3C4020)),
        (read(61812, 16), registers(sets[2] + sets[3])),
    ]


KNOWN = [*IDENTITY, *flash()]
STREAMING_OFF = (read(4990, 2), registers(u32(0)))
START = [
    STREAMING_OFF,
    write(40000, f32(10.0)),
    write(41000, words(199)),
    write(40002, f32(1.0)),
    write(41001, words(199)),
    write(4002, f32(2500.0) + u32(2, 100) + f32(0.0) + u32(0, 32768)),
    write(4014, u32(0, 1, 0, 0)),
    write(4100, u32(0, 2)),
    write(4990, u32(1)),
    (read(4002, 2), registers(f32(2499.0))),
]
STOP = write(4990, u32(0))


def packet(transaction, samples, status=0, additional=0, backlog=0, kind=16):
    data = words(*samples)
    return (
        struct.pack(">HHHBBBBHHH", transaction, 0, 10 + len(data), 1, 76, kind, 0, backlog, status, additional) + data
    )


@pytest.fixture
def daq(player, tap, clock):
    opened = []

    def start(*script, stream_port=None, identity=KNOWN):
        server = player([*identity, *script], modbus=True)
        entry = NetworkAddress(server.address, stream_port)
        opened.append(LabjackT.connect(entry, name="daq", tap=tap, clock=clock, timeout_s=2.0))
        return opened[-1]

    yield start
    for driver in opened:
        driver.close()


def test_identity(daq):
    assert daq(*IDENTITY).identity() == Identity("LabJack", "T7", "470012345", "1.0292")


def test_another_product_is_refused(player, tap, clock):
    server = player([(read(60000, 2), registers(f32(4.0)))], modbus=True)
    with pytest.raises(LinkRefused, match=r"product number 4 answers at .*, which is no T7"):
        LabjackT.connect(NetworkAddress(server.address), name="daq", tap=tap, clock=clock)


# -- lines


@pytest.mark.parametrize(
    ("name", "register"),
    [("FIO0", 2000), ("FIO7", 2007), ("EIO0", 2008), ("EIO7", 2015), ("CIO3", 2019), ("MIO2", 2022)],
)
def test_set_line_is_one_frame(daq, name, register):
    driver = daq(write(register, words(1)), write(register, words(0)))
    driver.set_line(name, True)
    driver.set_line(name, False)


def test_a_driven_line_is_read_without_turning_it_into_an_input(daq):
    driver = daq(write(2000, words(1)), (read(2500, 4), registers(words(0x0001, 0, 0, 0))))
    driver.set_line("FIO0", True)
    assert driver.line("FIO0") is True


def test_inputs_are_configured_once_and_then_read_in_one_frame(daq):
    states = (read(2500, 4), registers(words(0, 0x0082, 0x0001, 0)))
    first_time = [(read(number, 1), registers(words(0))) for number in (2008, 2009, 2015, 2016)]
    driver = daq(*first_time, states, states)
    names = ["EIO0", "EIO1", "EIO7", "CIO0"]
    expected = {"EIO0": False, "EIO1": True, "EIO7": True, "CIO0": True}
    assert driver.lines(names) == expected
    assert driver.lines(names) == expected


@pytest.mark.parametrize("name", ["FIO8", "EIO", "CIO4", "AIN0", "", "FIO-1", "MIO3", "fio0"])
def test_unknown_line_sends_nothing(daq, name):
    driver = daq()
    with pytest.raises(OutOfRange, match="is no line of a T7"):
        driver.set_line(name, True)


def test_a_pulse_is_one_packet_that_the_device_times(daq):
    high, wait = b"\x01" + words(2001) + b"\x01" + words(1), b"\x01" + words(61590) + b"\x02" + u32(100)
    low = b"\x01" + words(2001) + b"\x01" + words(0)
    driver = daq((b"\x01\x4c" + high + wait + low, b"\x01\x4c"), (read(2500, 4), registers(words(0, 0, 0, 0))))
    driver.pulse_line("FIO1", 100e-6)
    assert driver.line("FIO1") is False  # an output by then: reading it makes no input of it


@pytest.mark.parametrize("seconds", [0.0, 0.4e-6, 0.11, float("nan")])
def test_a_pulse_that_the_device_cannot_time_sends_nothing(daq, seconds):
    driver = daq()
    with pytest.raises(OutOfRange):
        driver.pulse_line("FIO1", seconds)


LOW = write(2500, words(0, 0, 0, 0))


def test_make_safe_drives_every_output_low_on_a_fresh_connection(daq):
    # FIO0 is an output and low; EIO0 is an input that reads high and does not matter
    driver = daq(LOW, (read(2600, 4), registers(words(1, 0, 0, 0))), (read(2500, 4), registers(words(0, 1, 0, 0))))
    driver.make_safe()


def test_an_output_that_stays_high_is_named(daq):
    driver = daq(LOW, (read(2600, 4), registers(words(0, 4, 0, 0))), (read(2500, 4), registers(words(0, 4, 0, 0))))
    with pytest.raises(InstrumentError, match=r"outputs \['EIO2'\] read high"):
        driver.make_safe()


def test_read_back(daq):
    driver = daq(
        (read(2600, 4), registers(words(1, 0, 0, 0))), (read(2500, 4), registers(words(1, 2, 0, 0))), STREAMING_OFF
    )
    assert driver.read_back() == {"outputs": ("FIO0",), "high": ("FIO0", "EIO1"), "streaming": False}


# -- stream


@pytest.fixture
def streamed(daq):
    """(driver, player of the stream socket) with AIN0 in 10 V and AIN1 in 1 V started."""
    players = []

    def start(*script, then=(STOP,)):
        players.append(Player([list(script)]))
        driver = daq(*START, *then, stream_port=players[-1].port)
        assert driver.start(["AIN0", "AIN1"], [10.0, 1.0], 2500.0) == pytest.approx(2499.0)
        return driver

    yield start
    for server in players:
        faults = server.finish()
        assert not faults, faults


def arrived(driver, event=None):
    if event is not None:
        event.set()
    assert driver._stream is not None
    poller = select.poll()
    poller.register(driver._stream._socket, select.POLLIN)
    assert poller.poll(5000)
    return driver.drain()


def test_scans_keep_their_numbers_and_convert_to_volts(streamed):
    second = threading.Event()
    driver = streamed(
        Say(packet(7, [33523, 33523, 36690, 0], backlog=12)),
        WaitFor(second),
        Say(packet(8, [65535, 1]) + packet(9, [2, 3, 4, 5])[:20]),
    )
    block = arrived(driver)
    assert (block.first_scan, block.codes.tolist(), block.backlog_bytes) == (0, [[33523, 33523], [36690, 0]], 12)
    assert block.codes.dtype == np.uint16
    volts = block.codes * np.array(block.scale) + np.array(block.offset)
    assert volts[0].tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert volts[1, 0] == pytest.approx((36690 - 33523) * 315.80578e-6)
    assert volts[1, 1] == pytest.approx(-1.0586757, rel=1e-6)
    block = arrived(driver, second)
    assert (block.first_scan, block.codes.tolist()) == (2, [[65535, 1]])
    nothing = driver.drain()
    assert (nothing.first_scan, nothing.codes.shape) == (3, (0, 2))
    driver.stop()
    driver.stop()
    with pytest.raises(NotSupported, match="no stream is running"):
        driver.drain()


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (packet(2, [1, 2], status=2940), InstrumentError, "status 2940 .* its buffer overflowed"),
        (packet(2, [1, 2], status=2941, additional=17), InstrumentError, r"status 2941 \(17\): scans were lost"),
        (packet(2, [1, 2], status=2942), InstrumentError, "scan rate is too high"),
        (packet(3, [1, 2]), InstrumentError, "packet 3 follows 1: packets were lost"),
        (packet(2, [1, 2], kind=17), ProtocolError, "not the header of a stream packet"),
        (packet(2, [1, 2, 3]), ProtocolError, "not the header of a stream packet"),
    ],
)
def test_a_fault_comes_after_the_good_scans_and_stays(streamed, bad, error, says):
    driver = streamed(Say(packet(1, [1, 2]) + bad))
    assert arrived(driver).codes.tolist() == [[1, 2]]
    for _ in range(2):
        with pytest.raises(error, match=says):
            driver.drain()
    driver.stop()


def test_end_of_the_stream_is_lost_after_its_last_scan(daq, tap):
    listener = socket.create_server(("127.0.0.1", 0))
    driver = daq(*START, stream_port=listener.getsockname()[1])
    driver.start(["AIN0", "AIN1"], [10.0, 1.0], 2500.0)
    connection, _ = listener.accept()
    connection.sendall(packet(1, [1, 2]))
    connection.close()
    listener.close()
    assert arrived(driver).codes.tolist() == [[1, 2]]
    with pytest.raises(LinkLost, match=r"ended \(end of file\) after scan 1"):
        arrived(driver)
    assert "stream lost: end of file" in tap.notes()


def test_transaction_numbers_wrap(streamed):
    driver = streamed(Say(packet(0xFFFF, [1, 2]) + packet(0, [3, 4])))
    assert arrived(driver).codes.tolist() == [[1, 2], [3, 4]]
    driver.stop()


def test_drain_does_not_wait(streamed):
    driver = streamed()
    assert driver.drain().codes.shape == (0, 2)
    driver.stop()


def test_a_stream_left_over_is_stopped_first(daq):
    server = Player([[]])
    driver = daq((read(4990, 2), registers(u32(1))), STOP, *START[1:], STOP, stream_port=server.port)
    driver.start(["AIN0", "AIN1"], [10.0, 1.0], 2500.0)
    driver.stop()
    assert server.finish() == []


def test_refused_stream_port(daq):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    driver = daq(*START[:-2], stream_port=port)
    with pytest.raises(LinkRefused, match=f"no stream connection to 127.0.0.1:{port}"):
        driver.start(["AIN0", "AIN1"], [10.0, 1.0], 2500.0)


@pytest.mark.parametrize(
    ("channels", "ranges", "rate"),
    [
        ([], [], 100.0),
        (["AIN0"], [10.0, 1.0], 100.0),
        (["AIN0", "AIN0"], [10.0, 10.0], 100.0),
        (["AIN14"], [10.0], 100.0),
        (["AIN0"], [5.0], 100.0),
        (["AIN0", "AIN1"], [10.0, 10.0], 50001.0),
        (["AIN0"], [10.0], 0.0),
    ],
)
def test_out_of_range_sends_nothing(daq, channels, ranges, rate):
    driver = daq()
    with pytest.raises(OutOfRange):
        driver.start(channels, ranges, rate)


def test_conversion_is_a_tenth_from_range_to_range(daq):
    driver = daq()
    slopes = [driver.conversion(volts)[0] for volts in (10.0, 1.0, 0.1, 0.01)]
    assert slopes[0] == pytest.approx(315.80578e-6)
    assert all(coarse == pytest.approx(10 * fine) for coarse, fine in pairwise(slopes))
    for volts in (10.0, 1.0, 0.1, 0.01):
        scale, offset = driver.conversion(volts)
        assert 33523 * scale + offset == pytest.approx(0.0, abs=1e-12)
        assert driver.channel_accuracy(volts).verified is False


def test_its_own_constants_make_the_volts(daq):
    driver = daq(identity=(*IDENTITY, *flash(316e-6, 33538.328125, above=1.0002)))
    scale, offset = driver.conversion(1.0)
    assert (scale, -offset / scale) == (pytest.approx(31.6e-6 * 1.0001), pytest.approx(33538.328125))
    row = driver.channel_accuracy(1.0)
    assert row.gain_frac == pytest.approx(1e-4, rel=1e-3), "the slopes of the two sides differ by so much"
    assert (row.resolution, row.offset_frac_of_range) == (scale, 2e-4)


@pytest.mark.parametrize("constants", [{"step": float("nan")}, {"step": -316e-6}, {"centre": 0.0}, {"above": 1.2}])
def test_constants_that_cannot_be_are_told(player, tap, clock, constants):
    server = player([*IDENTITY, *flash(**constants)], modbus=True)
    with pytest.raises(InstrumentError, match=r"its own constants for \+-10 V cannot be: .*Kipling"):
        LabjackT.connect(NetworkAddress(server.address), name="daq", tap=tap, clock=clock)


# -- T8

T8_IDENTITY = [(read(60000, 2), registers(f32(8.0))), *IDENTITY[1:]]


def test_t8_has_no_negative_channel_and_a_larger_buffer(daq):
    server = Player([[Say(packet(1, [32768, 49152]))]])
    driver = daq(
        STREAMING_OFF,
        write(40000, f32(11.0)),
        write(40002, f32(4.8)),
        write(4002, f32(2500.0) + u32(2, 100) + f32(0.0) + u32(0, 262144)),
        *START[6:],
        STOP,
        stream_port=server.port,
        identity=T8_IDENTITY,
    )
    driver.start(["AIN0", "AIN1"], [11.0, 4.8], 2500.0)
    block = arrived(driver)
    volts = block.codes[0] * np.array(block.scale) + np.array(block.offset)
    assert volts.tolist() == pytest.approx([0.0, 2.442])
    driver.stop()
    assert server.finish() == []


def test_t8_samples_its_eight_inputs_at_once(daq):
    driver = daq(identity=T8_IDENTITY)
    row = driver.channel_accuracy(11.0)
    assert (row.skew_s, row.offset_frac_of_range, row.verified) == (0.0, 1e-4, False)
    for channels, ranges, rate in ((["AIN8"], [11.0], 100.0), (["AIN0"], [10.0], 100.0), (["AIN0"], [11.0], 40001.0)):
        with pytest.raises(OutOfRange):
            driver.start(channels, ranges, rate)

"""The contract of a RelayMatrix: one relay at a time or all, each read back, none that was not asked for."""

import pytest

from instruments.errors import LinkLost, NotSupported, OutOfRange

ROLE = "relays"


@pytest.fixture
def relays(stand):
    return stand.connect()


def on(relays):
    return {channel for channel, state in relays.states().items() if state}


def test_it_says_who_it_is_and_connecting_switches_nothing(stand, relays):
    identity = relays.identity()
    assert identity == relays.known
    assert identity.maker
    assert identity.model
    assert on(relays) == set()
    stand.circuit.true(coils=set())


def test_its_channels_are_those_it_reads(relays):
    assert relays.states().keys() == set(relays.channels)
    assert len(set(relays.channels)) == len(relays.channels)


def test_one_relay_is_switched_and_no_other(stand, relays):
    channels = relays.channels
    for channel in sorted({*channels[:2], *channels[7:10], *channels[-2:]}):
        relays.set(channel, True)
        assert on(relays) == {channel}
        stand.circuit.true(coils={channel})
        relays.set(channel, False)
    assert on(relays) == set()


def test_relays_hold_what_they_were_told(stand, relays):
    first, *_, last = relays.channels
    relays.set(first, True)
    relays.set(last, True)
    relays.set(first, True)
    assert on(relays) == {first, last}
    relays.set(first, False)
    assert on(relays) == {last}
    stand.circuit.true(coils={last})


def test_all_are_switched_together(stand, relays):
    relays.set_all(True)
    assert on(relays) == set(relays.channels)
    stand.circuit.true(coils=set(relays.channels))
    relays.set_all(False)
    assert on(relays) == set()
    stand.circuit.true(coils=set())


def test_a_channel_that_it_does_not_have_sends_nothing(stand, relays):
    for channel in (min(relays.channels) - 1, -1, max(relays.channels) + 1):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            relays.set(channel, True)


@pytest.mark.needs("pulse")
def test_a_pulse_ends_by_itself(stand, relays):
    channel = relays.channels[1]
    relays.pulse(channel, stand.family.pulse_s)
    assert on(relays) == {channel}
    stand.circuit.true(coils={channel})
    stand.settle(stand.family.pulse_s + 0.5)
    assert on(relays) == set()
    stand.circuit.true(coils=set())


@pytest.mark.needs("pulse")
def test_a_pulse_is_sent_once(stand, relays):
    before = len(stand.sent)
    relays.pulse(relays.channels[0], stand.family.pulse_s)
    commands = stand.sent[before:]
    assert len(set(commands)) == len(commands)


@pytest.mark.needs("pulse")
def test_a_pulse_it_cannot_time_sends_nothing(stand, relays):
    for seconds in (0.0, -1.0, 1e9, float("nan")):
        with stand.nothing_sent(), pytest.raises(OutOfRange):
            relays.pulse(relays.channels[0], seconds)


@pytest.mark.needs("toggle")
def test_a_toggle_changes_one_relay_over_and_is_sent_once(stand, relays):
    channel = relays.channels[2]
    for state in (True, False):
        before = len(stand.sent)
        assert relays.toggle(channel) is state
        assert on(relays) == ({channel} if state else set())
        assert sum(b"\x55\x00" in command for command in stand.sent[before:]) == 1
        stand.circuit.true(coils={channel} if state else set())


@pytest.mark.needs("operation counters")
def test_operations_are_counted_for_each_relay(relays):
    one, other = relays.channels[:2]
    before = relays.operations(one), relays.operations(other)
    for _ in range(2):
        relays.set(one, True)
        relays.set(one, False)
    assert relays.operations(one) > before[0]
    assert relays.operations(other) == before[1]


def test_what_it_cannot_do_is_refused_and_sends_nothing(stand, relays):
    first = relays.channels[0]
    methods = {"pulse": lambda: relays.pulse(first, 0.5), "operation counters": lambda: relays.operations(first)}
    methods["toggle"] = lambda: relays.toggle(first)
    for capability in sorted(methods.keys() - relays.capabilities):
        with stand.nothing_sent(), pytest.raises(NotSupported):
            methods[capability]()


def test_make_safe_is_read_back_and_idempotent(stand, relays):
    relays.set_all(True)
    for _ in range(2):
        relays.make_safe()
        assert relays.read_back()["on"] == ()
        stand.circuit.true(coils=set())


def test_what_it_reads_back(relays):
    first, *_, last = relays.channels
    relays.set(first, True)
    relays.set(last, True)
    assert relays.read_back()["on"] == (first, last)


@pytest.mark.network
def test_a_broken_connection_comes_back_safe(stand, relays):
    relays.set(relays.channels[0], True)
    stand.circuit.cut()
    with pytest.raises(LinkLost):
        relays.states()
    relays.reopen()
    assert on(relays) == set()
    stand.circuit.true(coils=set())


def test_closing_twice_is_allowed_and_sends_nothing(stand, relays):
    with stand.nothing_sent():
        relays.close()
        relays.close()
        with pytest.raises(LinkLost, match="is closed"):
            relays.states()

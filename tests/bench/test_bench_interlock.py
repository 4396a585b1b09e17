"""The safety chain is read, and an open one is named."""

from __future__ import annotations

import pytest

from rig.bench.interlock import InterlockOpen, check_interlock
from tests.bench.fakes import fake_bench


def test_an_open_chain_is_named_with_its_line(twin_bench):
    fake = fake_bench(twin_bench)
    check_interlock(twin_bench, fake.daq)
    fake.daq.chain_closed = False
    with pytest.raises(InterlockOpen, match=r"bench twin is open \(line CIO2 reads low\): shut the lid"):
        check_interlock(twin_bench, fake.daq)


def test_a_bench_without_one_is_not_asked(twin_bench):
    bench = twin_bench.model_copy(update={"interlock": None})
    fake = fake_bench(bench)
    check_interlock(bench, fake.daq)
    assert fake.log == []

"""The twin's bench file, and a bench in memory that fits it."""

from __future__ import annotations

import pytest

from rig.files import document
from rig.files.bench import Bench
from tests.bench.fakes import fake_bench


@pytest.fixture(scope="session")
def twin_bench() -> Bench:
    return document.load(document.resolve("benches", "twin"), Bench)


@pytest.fixture
def fake(twin_bench):
    return fake_bench(twin_bench)

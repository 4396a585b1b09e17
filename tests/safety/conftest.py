"""The bench in memory of tests/bench."""

from tests.bench.conftest import fake, twin_bench

__all__ = ["fake", "twin_bench"]

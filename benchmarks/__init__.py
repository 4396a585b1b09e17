"""Where the time goes, with controls: `python -m benchmarks.plan` and `python -m benchmarks.driver_read`."""

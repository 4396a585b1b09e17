"""Protection, sags and metering from cold to hot."""

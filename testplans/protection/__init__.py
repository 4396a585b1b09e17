"""The protection plan: short circuit, overload and reverse polarity on one source port."""

"""Which defects the plans catch, on which clause, and from which size on."""

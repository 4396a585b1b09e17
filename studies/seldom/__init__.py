"""How often the plan finds a defect that shows only sometimes."""

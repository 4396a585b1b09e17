"""The other clauses of a source port: shorts in every form, inrush, repetition, recovery whenever the fault goes."""

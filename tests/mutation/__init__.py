"""Whether the quick tests notice a change of a rule: a sample of mutants, each run against those near it."""

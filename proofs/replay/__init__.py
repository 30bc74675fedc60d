"""The replay score: how many points right answers to the numbers of one run earn in another."""

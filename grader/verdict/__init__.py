"""From observations to points: the judge, and the likely mistake behind a failure."""

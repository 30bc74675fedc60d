"""The tables of milestone 4."""

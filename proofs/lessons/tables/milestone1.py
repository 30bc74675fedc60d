"""The tables of milestone 1."""

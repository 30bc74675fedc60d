"""The tables of milestone 3."""

"""Hostile submissions: what each tries, what it gets, and what marks it leaves."""

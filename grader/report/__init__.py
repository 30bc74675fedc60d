"""From verdicts to what a student reads."""

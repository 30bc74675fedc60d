"""Questions that ask before they show: `nox -s predict` and `nox -s bug`."""

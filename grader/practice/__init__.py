"""Questions that ask before they show: `nox -s predict`."""

"""The proof of the suites: every catalogued mistake is caught by its own task, and named."""

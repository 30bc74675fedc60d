"""Small helper functions of the operations, one topic per file, each doing one step."""

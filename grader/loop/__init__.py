"""What keeps a student at work between two runs: `watch` grades on each save, `todo` lists what is not written."""

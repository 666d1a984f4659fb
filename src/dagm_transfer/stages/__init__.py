"""What DVC runs: one file a stage."""

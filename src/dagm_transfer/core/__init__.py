"""What every folder uses and hardly ever changes: errors, files, tables, locks, working files."""

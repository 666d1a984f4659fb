"""DAGM 2007 on disk: its layouts, and how a local copy is brought in."""

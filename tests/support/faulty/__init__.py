"""Data as people really bring them, each with what must become of it."""

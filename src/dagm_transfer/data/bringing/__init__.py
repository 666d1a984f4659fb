"""How images come into the project: what lies at a path, what it is, and how it is stored."""

"""The training loop and what it needs; no tracking server, no DVC."""

"""Real solar cells, from a package of images."""

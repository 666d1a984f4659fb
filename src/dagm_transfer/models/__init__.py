"""The network, and how its weights begin."""

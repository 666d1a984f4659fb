"""A finished run as a folder that can be handed on, and whether it judges as the run does."""

"""The commands, and what a person sees of them; composing, no logic."""

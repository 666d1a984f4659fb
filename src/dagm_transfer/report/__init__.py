"""The page about the finished runs: its numbers, figures and templates."""

"""Small networks that learn from trained ones."""

"""The page for who decides whether an inspection goes on the line."""

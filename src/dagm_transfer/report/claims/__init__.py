"""What the study claims, and what our runs say to it by a stated rule."""

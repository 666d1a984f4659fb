"""Images: the kinds there are, how they are split, cut and stored."""

"""Images: where they come from, how they are split, cut and drawn in batches."""

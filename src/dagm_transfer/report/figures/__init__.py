"""Figures: data in, a matplotlib Figure out; the only folder that imports matplotlib."""

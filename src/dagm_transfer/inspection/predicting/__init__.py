"""Image files judged by an opened inspector: found, judged, tabled, and drawn over."""

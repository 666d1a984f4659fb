"""Image files and masks as arrays."""

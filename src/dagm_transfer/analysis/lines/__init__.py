"""What lies on the straight line between the features of two labels."""

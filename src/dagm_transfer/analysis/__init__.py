"""What training did to the layers: measured in one pass, then put in numbers."""

"""What is measured while images stream through a network, one idea a file."""

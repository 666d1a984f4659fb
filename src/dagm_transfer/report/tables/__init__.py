"""Tables of the pages, and the numbers and intervals in their cells."""

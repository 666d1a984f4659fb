"""The kinds of images there are, one folder each, behind one registry."""

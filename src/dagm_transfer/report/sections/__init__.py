"""The sections of the page, one a file, in the order of the study."""

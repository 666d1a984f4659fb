"""What runs, stages and experiments left of a study, read for the pages."""

"""params.yaml as frozen, strict types; one file a section: a stage depends on its own alone."""

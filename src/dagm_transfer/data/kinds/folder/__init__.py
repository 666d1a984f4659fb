"""Images of the user's own: the layouts of folders and tables that people have."""

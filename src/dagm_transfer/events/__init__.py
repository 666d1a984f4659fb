"""What a run says while it goes, its log on disk, and the identity that it is known by."""

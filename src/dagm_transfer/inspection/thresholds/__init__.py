"""What a threshold gives on judged images, and what those can promise."""

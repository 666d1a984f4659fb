"""What a finished network is worth, and what it is handed on as: the inspector."""

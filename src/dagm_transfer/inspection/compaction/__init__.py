"""A trained network made smaller: dead channels exactly, weak ones with a little training after."""

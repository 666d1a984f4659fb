"""What an inspection engineer does with a trained run: predict, export, compact, distil."""

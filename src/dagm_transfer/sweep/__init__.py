"""Optuna sweeps: many trainings that search for how to transfer; nothing else imports optuna."""

"""The only folder that imports mlflow: the store, live logging, replay, the champion, its page."""

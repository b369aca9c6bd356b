"""Configuration while the application runs: reload, tell, save, and go back."""

"""Feature flags, decided in memory, always with a reason."""

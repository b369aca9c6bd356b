"""Configuration, feature flags and secrets that can be explained and tested."""

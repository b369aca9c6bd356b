"""Flags in Redis."""

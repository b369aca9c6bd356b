"""Secrets: values that never print themselves, and where they are fetched."""

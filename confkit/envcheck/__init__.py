"""Env files checked, mended, compared and completed."""

"""Env files checked, fixed, compared and completed."""

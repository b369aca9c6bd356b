"""Secrets: resolvers of references, their cache, and the front for direct use."""

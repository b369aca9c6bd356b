"""Which environment variables a program reads: found in its source, which is never run."""

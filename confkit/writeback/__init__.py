"""Write values into configuration files: crash-safe, with everything else left as it is."""

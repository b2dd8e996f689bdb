"""Nouns: one module for each thing the service remembers."""

"""Arithmetic: needs and offers in, explained pairings out; knows no web and no database."""

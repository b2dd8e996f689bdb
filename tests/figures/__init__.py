"""Figures, each beside a case counted by hand."""

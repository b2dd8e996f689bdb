"""Measurements: each beside a peer or a bound in the same run, told as ratios."""

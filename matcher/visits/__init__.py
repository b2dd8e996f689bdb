"""After confirmation: what both sides share until the visit is over."""

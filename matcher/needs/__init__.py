"""School side: teachers say what their class needs."""

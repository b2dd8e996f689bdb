"""School systems, subjects, levels, postcodes, holidays and concepts, read from files."""

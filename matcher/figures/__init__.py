"""What came of it all, in figures: fairness, demand, impact, co-financing; summed in SQL."""

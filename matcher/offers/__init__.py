"""Company side: lectures, tours, challenges and webinars, and when they can be had."""

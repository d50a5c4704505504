"""The fold: what is known of a child, day by day, into what must happen."""

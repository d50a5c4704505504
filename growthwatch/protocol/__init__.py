"""What must happen: schedule, triggers and obligations; a pure fold over one child's events."""

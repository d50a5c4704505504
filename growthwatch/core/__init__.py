"""The ground floor: errors, units, sex, status codes, centile scheme, calendar, hashing."""

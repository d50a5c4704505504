"""What people get: reviews, and what stands beside a finding."""

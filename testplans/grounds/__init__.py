"""What a device counts and tells, held against what the bench measures."""

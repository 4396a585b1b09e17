"""What makes a channel better than its data sheet, and proves it."""

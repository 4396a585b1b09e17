"""What the plans find of defects that they were not written against."""

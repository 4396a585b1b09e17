"""Long studies, each a command of its own; their result tables are in docs/."""

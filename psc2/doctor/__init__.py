"""What is missing for playing, found out and reported with its fix."""

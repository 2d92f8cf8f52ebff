"""What is missing for playing, found out and said with its cure."""

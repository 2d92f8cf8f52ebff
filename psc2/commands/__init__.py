"""What is typed: the psc2 command, its arguments, help and completion."""

"""What the commands at a student's desk do."""

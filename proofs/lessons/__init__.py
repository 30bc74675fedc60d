"""The proof of the lessons: fences show what they say, tables, figures, slopes and links are true."""

"""Which of the catalogued mistakes in operations the explorer marks, and that it marks nothing else."""

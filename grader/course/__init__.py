"""What the course asks: milestones, tasks, checks, hints, and the mistakes that students make."""

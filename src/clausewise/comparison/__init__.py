"""Schools beside each other: topics, what each school's policies say to them, and what differs."""

"""What happens by itself: the worker of durable operations, and the clock's jobs."""

"""What everything that speaks HTTP shares: callers and their addresses, problem documents."""

"""The endpoint that devices talk to: token, cache, event. No web framework on its way."""

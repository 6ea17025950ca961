"""Sign in with."""

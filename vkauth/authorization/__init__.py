"""The logins, as objects: made once with everything they need, run as often as wanted, also side by side."""

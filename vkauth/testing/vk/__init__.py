"""The simulated VK: what it knows, its pages and its API."""

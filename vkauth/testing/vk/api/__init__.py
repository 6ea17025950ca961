"""What the simulated VK answers with JSON."""

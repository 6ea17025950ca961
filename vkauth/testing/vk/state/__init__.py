"""What the simulated VK knows: people, applications, and what is under way."""

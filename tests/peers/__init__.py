"""Other people's VK clients, unmodified, against the simulator: where one of them fails, the simulator is wrong."""

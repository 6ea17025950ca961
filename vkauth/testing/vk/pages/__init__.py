"""The pages of the simulated VK, for clients and for people."""

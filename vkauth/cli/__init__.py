"""The command ``vkauth``."""

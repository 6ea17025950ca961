"""The pictures of the README: how they are made, and that they show what is."""

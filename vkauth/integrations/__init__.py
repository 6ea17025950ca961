"""Tokens of :mod:`vkauth.tokens`, and hooks, in libraries for bots. Each module needs the library it is named after."""

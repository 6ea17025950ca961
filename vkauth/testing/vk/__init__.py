"""The simulated VK.

``simulator`` is what a test starts and ``service`` what the server asks; ``routes`` says which page answers where.
``state`` is what VK knows, by subject, ``pages`` what a browser is shown, ``api`` what is answered with JSON, and
``wire`` a request and the addresses to answer it with.
"""

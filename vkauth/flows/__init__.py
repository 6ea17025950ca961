"""The logins, each a generator: it yields what it wants and gets back what came of it. No I/O here."""

"""A person at the browser: showing them a page, and hearing of what came of it."""

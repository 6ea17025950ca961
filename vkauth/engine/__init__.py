"""What makes a flow happen: it sends, asks, counts and times out. The only part that meets aiohttp and asyncio."""

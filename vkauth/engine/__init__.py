"""What makes a flow happen: it sends, asks, counts and times out. The one place that sends."""

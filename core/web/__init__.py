"""What every web page shares: refusals as pages, cache headers, the request log, and which service a path belongs to."""

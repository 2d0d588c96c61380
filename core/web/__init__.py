"""What every web page shares: refusals as pages, cache headers, the request log, which service a path belongs to, and the bridge
to Django's WSGI handler."""

"""What serves: the server process, its HTTP and websocket protocols, the bridge to Django's WSGI handler, health and logs."""

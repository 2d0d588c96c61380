"""The server process, its HTTP and websocket protocols, its health and its logs."""

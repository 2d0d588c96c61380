"""What serves: the server process, its HTTP and websocket protocols, health and logs."""

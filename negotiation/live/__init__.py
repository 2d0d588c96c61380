"""The live door: the consumer of a websocket, its commands and what it answers."""

"""This process's sockets and topics: the hub, the bus to the other processes, presence, and what a socket sends and reads."""

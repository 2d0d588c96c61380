"""Holds this process's sockets and topics: the hub, the bus to the other processes, presence, and the frames of sockets."""

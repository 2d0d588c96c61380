"""A server process whose uvicorn says that it is another version than the one the lean websocket was written for."""

import uvicorn

from core.server import serve

if __name__ == "__main__":
    uvicorn.__version__ = "0.99.0"
    serve.main()

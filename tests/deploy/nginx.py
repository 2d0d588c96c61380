"""nginx with the product's configuration, on loopback; only where things are differs."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

from core.local.embedded import die_with_parent, wait_until
from tests.servers import ROOT

SHIPPED = ROOT / "deploy" / "nginx"
ROLES = ("auth", "host", "guest", "web", "negotiation")
# Where it writes what does not fit into memory, and where it listens.
HERE = """
client_body_temp_path {directory}/body;
proxy_temp_path {directory}/proxy;
fastcgi_temp_path {directory}/fastcgi;
uwsgi_temp_path {directory}/uwsgi;
scgi_temp_path {directory}/scgi;
"""


@cache
def find_nginx() -> str | None:
    """Debian's nginx: the machine's, or its package unpacked beside the interpreter; nothing is installed or started."""
    kept = Path(sys.prefix) / "nginx"
    places = [shutil.which("nginx"), "/usr/sbin/nginx", str(kept / "usr/sbin/nginx")]
    if found := next((place for place in places if place and Path(place).exists()), None):
        return found
    return _unpack(kept) if shutil.which("apt-get") and shutil.which("dpkg-deb") else None


def _unpack(kept: Path) -> str | None:
    kept.mkdir(exist_ok=True)
    for command in (["apt-get", "download", "nginx"], ["sh", "-c", "dpkg-deb -x nginx_*.deb ."]):
        if subprocess.run(command, cwd=kept, capture_output=True, check=False, timeout=120).returncode:
            return None
    program = kept / "usr/sbin/nginx"
    works = program.exists() and subprocess.run([program, "-v"], capture_output=True, check=False).returncode == 0
    return str(program) if works else None


def balanced(place: str, address: str) -> str:
    """The shipped place.conf as its own comment says it is to be behind a load balancer at `address`."""
    lines = []
    for line in place.splitlines():
        recipe = line.startswith("#   ") and not line.startswith(("#   listen", "#   ssl_"))
        lines.append("" if line == "set $seen_scheme $scheme;" else line.removeprefix("#   ") if recipe else line)
    return "\n".join(lines).replace("10.0.0.0/16", address)


class Gateway:
    """`ports`: of each role, or of the one server that plays all of them. `media`: the directory that holds media/."""

    def __init__(
        self, directory: Path, ports: dict[str, list[int]], *, media: Path | None = None, balancer: str = "",
        waits_s: int = 12,
    ) -> None:  # fmt: skip
        """`waits_s`: how long it waits for a hub, half as long for one that takes the request."""
        directory.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws/"
        self.log = directory / "nginx.log"
        shipped = (SHIPPED / "nginx.conf").read_text()
        assert "_timeout 12s;" in shipped
        assert "_timeout 6s;" in shipped
        hurried = shipped.replace("_timeout 12s;", f"_timeout {waits_s}s;")
        (directory / "nginx.conf").write_text(hurried.replace("_timeout 6s;", f"_timeout {waits_s * 500}ms;"))
        upstreams = [
            f"upstream {r} {{ {''.join(f'server 127.0.0.1:{p} max_fails=0;' for p in ports[r])} }}" for r in ROLES
        ]
        (directory / "upstreams.conf").write_text("\n".join(upstreams))
        place = (SHIPPED / "place.conf").read_text()
        place = balanced(place, balancer) if balancer else place
        place = place.replace("listen 8080;", f"listen 127.0.0.1:{self.port};")
        place = place.replace("set $media_root /srv;", f"set $media_root {media or directory};")
        (directory / "place.conf").write_text(place + HERE.format(directory=directory))
        self.start(directory)

    def start(self, directory: Path) -> None:
        program = find_nginx()
        assert program is not None
        main = [f"daemon off; pid {directory}/nginx.pid;"]
        if os.geteuid() == 0:  # as in the image: another user than the one that writes the files
            other = "www-data" if "www-data" in {entry.pw_name for entry in pwd.getpwall()} else "nobody"
            main.append(f"user {other};" if other == "www-data" else "user nobody nogroup;")
        command = [program, "-p", directory, "-c", directory / "nginx.conf", "-g", " ".join(main)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent(signal.SIGTERM))
        wait_until(self.listens, self.process, self.log)

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

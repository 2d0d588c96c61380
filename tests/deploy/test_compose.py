"""docker-compose.yml, the image and the gateway fit the code."""

import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

from core.web.service_routing import SERVICE_OF_PATH, service_of
from tests.servers import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
NGINX = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
SETTINGS = (ROOT / "core" / "settings.py").read_text()


def roles() -> dict[str, str]:
    """service of the compose file → the SERVICES it answers."""
    servers = {name: one for name, one in COMPOSE["services"].items() if "build" in one and "command" not in one}
    return {name: one["environment"]["SERVICES"] for name, one in servers.items()}


def test_every_service_has_a_process_and_negotiation_has_two() -> None:
    assert sorted(roles().values()) == ["auth", "guest", "host", "negotiation", "negotiation", "web"]


def test_the_gateway_waits_for_every_role() -> None:
    assert set(COMPOSE["services"]["gateway"]["depends_on"]) == set(roles())


def test_the_gateway_knows_where_every_role_is() -> None:
    upstreams = (ROOT / "deploy" / "nginx" / "upstreams.conf").read_text()
    # Each name is looked up again while the gateway runs: a new container has another address.
    assert set(re.findall(r"server (\w+):8000 resolve;", upstreams)) == set(roles())
    assert set(re.findall(r"upstream (\w+)", upstreams)) == set(roles().values())


def gateway_role(path: str) -> str:
    """nginx's own map, read from the file: the first expression that matches."""
    block = re.search(r"map \$uri \$role \{(.*?)\n    \}", NGINX, re.S)
    assert block is not None
    rules = re.findall(r"~(\S+) (\w+);", block[1])
    return next((role for pattern, role in rules if re.match(pattern, path)), "web")


PATHS = [
    "/auth/login/",
    "/api/property/7/",
    "/api/properties/search/",
    "/api/property_registration/step1/",
    "/api/complete_registration/7/",
    "/api/mylistings/",
    "/api/dashboard/property/7/",
    "/ical/x.ics",
    "/api/reserve/",
    "/api/reservation/7/",
    "/api/booking/7/status/",
    "/api/booking_details/7/",
    "/api/upcoming_bookings/as_host/",
    "/api/review/7/",
    "/api/notification/",
    "/api/payments/stripe/webhook/",
    "/api/nego/as_guest/",
    "/ws/",
    "/",
    "/inbox/",
    "/admin/",
]


@pytest.mark.parametrize("path", PATHS)
def test_gateway_and_application_agree_on_the_role_of_a_path(path: str) -> None:
    assert gateway_role(path) == service_of(path)


def test_the_paths_tried_cover_every_service() -> None:
    assert {service_of(path) for path in PATHS} == {service for service, _ in SERVICE_OF_PATH} - {"any"} | {"web"}


def test_both_prefixes_lead_where_the_bare_path_leads() -> None:
    for path in PATHS:
        if path.startswith("/api/"):
            assert gateway_role(f"/host{path}") == gateway_role(f"/guest{path}") == service_of(path)


def read_by_settings() -> set[str]:
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS))


def test_every_setting_is_explained_in_the_example() -> None:
    assert read_by_settings() - explained() == set()


def explained() -> set[str]:
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.M))


def test_the_compose_file_sets_only_what_is_explained() -> None:
    assert set(COMPOSE["x-environment"]) - explained() == {"PGPASSWORD"}


def test_every_setting_reaches_every_container_or_is_fixed_there() -> None:
    ours = {name: one for name, one in COMPOSE["services"].items() if "build" in one}
    assert set(ours) == {*roles(), "tick", "migrate"}
    for name, service in ours.items():
        environment: dict[str, str] = service["environment"]
        assert explained() - set(environment) == set(), name
        # Given, it arrives; not given, the application's own default holds.
        for setting, value in environment.items():
            assert not value.startswith("$") or value.startswith(f"${{{setting}:") or setting == "PGPASSWORD"


@pytest.mark.parametrize("password", ["p@ss/word", "%41:?#[]@", "a b'c\\d\"e"])
def test_a_password_may_hold_any_character(password: str) -> None:
    """libpq takes it beside the address; nothing of it stands in a URL."""
    url = COMPOSE["x-environment"]["DATABASE_URL"].removeprefix("${DATABASE_URL:-").removesuffix("}")
    environment = {"PATH": "/usr/bin:/bin", "PGPASSWORD": password, "DATABASE_URL": url}
    script = "import os; from core.database.address import database;"
    script += "s = database(os.environ['DATABASE_URL']); print(repr(s['PASSWORD']), s['HOST'])"
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert told.stdout.split() == ["''", "postgres"], told.stderr
    assert password not in COMPOSE["x-environment"]["DATABASE_URL"]


def test_the_clock_is_the_only_one_who_runs_the_daily_pass() -> None:
    commands = {name: " ".join(one.get("command", [])) for name, one in COMPOSE["services"].items()}
    assert [name for name, command in commands.items() if "tick --every" in command] == ["tick"]
    assert not [name for name, command in commands.items() if "daily" in command]


def test_what_the_file_refers_to_is_there() -> None:
    """The rules of the compose specification that a slip would break; docker itself is seldom at hand."""
    services: dict[str, Any] = COMPOSE["services"]
    known = {"image", "build", "restart", "stop_grace_period", "init", "read_only", "tmpfs", "security_opt", "cap_drop",
             "volumes", "depends_on", "environment", "command", "ports", "ulimits", "healthcheck", "shm_size"}  # fmt: skip
    assert set(COMPOSE) - {"name", "services", "volumes"} == {key for key in COMPOSE if key.startswith("x-")}
    for name, service in services.items():
        assert set(service) <= known, name
        assert "image" in service or "build" in service, name
        for other, how in service.get("depends_on", {}).items():
            ends = how["condition"] == "service_completed_successfully"
            assert how["condition"] in ("service_started", "service_healthy", "service_completed_successfully")
            assert other in services
            assert other != name
            assert ends == (other == "migrate"), "only what ends can be waited for to its end"
            assert how["condition"] != "service_healthy" or has_health_check(services[other]), other
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert source in COMPOSE["volumes"] if source[0] not in "./" else (ROOT / source).exists(), mount


def has_health_check(service: dict[str, Any]) -> bool:
    """Its own, or the image's where it is ours."""
    own = service.get("healthcheck", {})
    ours = "build" in service and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    return not own.get("disable") and ("test" in own or ours)


def test_the_image_runs_as_nobody_in_particular() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    user, command = dockerfile.rindex("\nUSER staynest"), dockerfile.rindex("\nCMD")
    assert user < command


def test_docker_itself_accepts_the_file_where_it_is_there() -> None:
    client = ["docker", "compose"]
    there = (
        shutil.which("docker")
        and subprocess.run([*client, "version"], capture_output=True, check=False).returncode == 0
    )
    if there:
        environment = {"SECRET_KEY": "x" * 50, "POSTGRES_PASSWORD": "y", "PATH": "/usr/local/bin:/usr/bin:/bin"}
        command = [*client, "-f", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
        assert subprocess.run(command, env=environment, check=False).returncode == 0
    assert COMPOSE["services"]["gateway"]["ports"]

import pytest
from django.test import Client


def test_live_answers_any_host_without_https(client: Client, settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz/", headers={"host": "10.0.0.9:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_database_and_broker_answer(client: Client) -> None:
    told = client.get("/readyz/").json()
    assert (told["status"], told["down"]) == ("ok", [])
    assert abs(told["clock_ahead_s"]) < 1, "both clocks are this machine's"


@pytest.mark.django_db
def test_what_is_not_public_is_for_loopback_and_the_token(client: Client, settings) -> None:
    settings.PUBLIC_PATHS, settings.METRICS_TOKEN = frozenset(), "open-sesame"
    for path in ("/readyz/", "/api/schema/", "/api/docs/", "/ws/schema/"):
        assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 404
        assert client.get(path, headers={"authorization": "Bearer open-sesame"}).status_code == 200


@pytest.mark.django_db
def test_ready_names_the_broker_that_is_down(client: Client, settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz/")
    assert (answer.status_code, answer.json()["down"]) == (503, ["broker"])


@pytest.mark.django_db
def test_metrics_are_for_loopback(client: Client) -> None:
    assert b"python_info" in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.django_db
def test_metrics_behind_a_proxy_need_the_token(client: Client, settings) -> None:
    settings.TRUSTED_PROXIES, settings.METRICS_TOKEN = 1, "open-sesame"
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer open-sesame"}).status_code == 200
    assert client.get("/metrics", headers={"authorization": "Bearer other"}).status_code == 404

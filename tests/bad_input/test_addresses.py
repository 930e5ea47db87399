"""Addresses on which something is served, and the names under which browsers may ask for it."""

import http.client
import re
import signal
import socket

import pytest

from accounts.errors import BankError
from accounts.management import addresses
from accounts.management.addresses import is_for_this_machine, names_of, parse_address, reachable_name
from accounts.management.commands.classroom import _proxy_options
from tests.support.processes import manage


@pytest.mark.parametrize(
    "given", ["*:80", ".example:80", "a b:80", "a:b:80", "a", "a:", ":80", "a:0", "a:65536", "a:²", "-a:80"]
)
def test_error_address_that_is_none(given):
    with pytest.raises(BankError) as refusal:
        parse_address("--address", given)

    assert str(refusal.value).startswith(f"--address cannot be {given!r}: give an address of this machine and a port")


@pytest.fixture
def known(monkeypatch) -> None:
    """What the system says of a host, and this machine's network cards."""
    table = {
        "localhost": ["::1", "127.0.0.1"],
        "127.1": ["127.0.0.1"],
        "0": ["0.0.0.0"],
        "0.0.0.0": ["0.0.0.0"],
        "192.0.2.7": ["192.0.2.7"],
        "laptop": ["127.0.1.1", "192.0.2.7"],
    }

    def getaddrinfo(host: str, *_arguments, **_options) -> list:
        if host not in table:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in table[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "gethostname", lambda: "laptop")
    monkeypatch.setattr(addresses, "_own_addresses", lambda: ["127.0.0.1", "192.0.2.7"])


@pytest.mark.parametrize(
    ("host", "names", "reachable", "is_local"),
    [
        ("localhost", ["localhost", "[::1]", "127.0.0.1"], "localhost", True),
        ("127.1", ["127.1", "127.0.0.1"], "127.1", True),
        ("0.0.0.0", ["127.0.0.1", "192.0.2.7", "laptop"], "192.0.2.7", False),
        ("0", ["127.0.0.1", "192.0.2.7", "laptop"], "192.0.2.7", False),
        ("192.0.2.7", ["192.0.2.7"], "192.0.2.7", False),
        ("laptop", ["laptop", "127.0.1.1", "192.0.2.7"], "laptop", False),
        ("unknown", ["unknown"], "unknown", False),
    ],
)
def test_names_of_an_address(host, names, reachable, is_local, known):
    assert names_of(host) == names
    assert reachable_name(host) == reachable
    assert is_for_this_machine(host) == is_local


def test_headers_of_a_proxy_count_only_with_https(settings, known):
    settings.HTTPS = False
    assert _proxy_options("127.1") == {}

    settings.HTTPS, settings.TRUSTED_PROXY = True, "10.0.0.1"
    assert _proxy_options("127.1")["trusted_proxy"] == "*"
    assert _proxy_options("0.0.0.0")["trusted_proxy"] == "10.0.0.1"


@pytest.fixture
def https_classroom():
    """The port of a classroom that is behind a proxy which speaks HTTPS; and what its start said."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {"HTTPS": "1", "ALLOWED_HOSTS": "bank.example, 127.0.0.1", "PYTHONUNBUFFERED": "1"}
    process = manage("classroom", "--address", f"127.0.0.1:{port}", "--workers", "1", env=env)
    said = ""
    while "The pages" not in said:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        said += line
    yield port, said
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def answer(port: int, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    response.text = response.read().decode()
    return response


@pytest.mark.thorough
@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_classroom_behind_a_proxy_that_speaks_https(https_classroom):
    port, said = https_classroom
    assert "https://bank.example/" in said
    assert "http://" not in said

    login = "/admin/login/"
    assert answer(port, "GET", login).getheader("Location") == f"https://127.0.0.1:{port}{login}"
    assert answer(port, "GET", login, X_Forwarded_Proto="https", Host="evil.example").status == 400
    assert answer(port, "GET", login, X_Forwarded_Proto="https", X_Forwarded_Host="evil.example").status == 400

    page = answer(port, "GET", login, X_Forwarded_Proto="https", X_Forwarded_Host="bank.example")
    assert page.status == 200
    cookie = re.search(r"csrftoken=(\w+).*Secure", page.getheader("Set-Cookie"))[1]
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    sent = answer(
        port,
        "POST",
        login,
        f"csrfmiddlewaretoken={token}&username=a&password=b",
        Cookie=f"csrftoken={cookie}",
        Content_Type="application/x-www-form-urlencoded",
        Origin="https://bank.example",
        Host="127.0.0.1",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="bank.example",
    )
    assert sent.status == 200
    assert "Please enter the correct username and password" in sent.text

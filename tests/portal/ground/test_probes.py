"""What scanners ask every site for is not here, and what is endless is answered at once."""

import time

import pytest
from flask.testing import FlaskClient

from tests.rig.forms import send

# What lies about on careless machines: repositories, settings, copies, consoles of other programs.
FOLDERS = ("", "static/", "static/../", "quan-tri/../", "cua-toi/..%2f")
NAMES = """.git/config .git/HEAD .env .env.local .htaccess .htpasswd .DS_Store .svn/entries
.ssh/id_rsa
.aws/credentials .npmrc .bash_history wp-login.php wp-admin/ phpinfo.php phpmyadmin/ admin admin.php
server-status server-info console debug _debug_toolbar/ actuator/env actuator/heapdump swagger.json
openapi.json graphql api-docs backup.sql backup.zip dump.sql db.sqlite3 portal.db var/portal.db
secret_key data_keys var/secret_key config.py settings.py wsgi.py requirements.txt pyproject.toml
alembic.ini docker-compose.yml Dockerfile Makefile package.json composer.json web.config
crossdomain.xml WEB-INF/web.xml cgi-bin/test.cgi shell.php objects/ mail/ sms/ checkpoints/
migrations/env.py
portal/settings.py templates/errors/500.html tests/ docs/operations.md .idea/workspace.xml
.vscode/settings.json id_rsa server.key tls/key.pem trace.axd elmah.axd jmx-console/ manager/html
solr/ jenkins/ .well-known/../../etc/passwd ..%2f..%2fetc/passwd %2e%2e/%2e%2e/etc/passwd""".split()  # noqa: SIM905 - eighty names read better so


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_lies_about(client: FlaskClient, folder: str) -> None:
    found = {name: client.get(f"/{folder}{name}").status_code for name in NAMES}
    assert len(found) >= 70
    assert {name: status for name, status in found.items() if status not in (400, 404)} == {}


def test_ten_thousand_fields_are_refused_at_once(client: FlaskClient) -> None:
    started = time.monotonic()
    fields = {f"f{number}": "x" for number in range(10_000)}
    answer = send(client, "/dang-nhap", **fields)
    assert answer.status_code in (400, 403, 413, 422)
    assert time.monotonic() - started < 3  # a second on a quiet machine


@pytest.mark.parametrize(
    "endless",
    ["a" * 100_000, "%_\\" * 33_000, "(" * 100_000, "\u1ea1\u0323" * 33_000, "<" * 100_000],
)
def test_endless_words_are_answered_soon(client: FlaskClient, endless: str) -> None:
    started = time.monotonic()
    answers = [
        client.get("/thu-tuc", query_string={"q": endless}),
        client.get("/xac-thuc", query_string={"ma": endless}),
        send(client, "/tra-cuu", code=endless, key=endless),
        send(client, "/dang-nhap", email=endless, password=endless),
    ]
    assert all(answer.status_code < 500 for answer in answers)
    assert time.monotonic() - started < 8  # four answers, a second each on a quiet machine


def test_guessing_codes_from_one_address_ends_after_twenty(client: FlaskClient) -> None:
    answers = [
        send(client, "/tra-cuu", code=f"H32.10-261122-{n:04}", key="AAAAAA") for n in range(25)
    ]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429] * 5


def test_repeated_fields_are_read_the_same_way_everywhere(client: FlaskClient) -> None:
    """The first counts: a guard that reads one and a view that reads another could be fooled."""
    twice = client.get("/tra-cuu?ma=H1&ma=H2")
    assert 'value="H1"' in twice.text
    assert 'value="H2"' not in twice.text

"""Texts travel compressed, and only when that is sound."""

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

SHEET = "/static/css/portal.css"
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize("way", UNPACK)
@pytest.mark.parametrize("path", ["/", "/dang-nhap", SHEET])
def test_text_is_the_same_but_smaller(client: FlaskClient, path: str, way: str) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": way})
    assert packed.headers["Content-Encoding"] == way
    assert packed.content_length == len(packed.data) < len(plain.data) / 2
    assert len(UNPACK[way](packed.data)) == len(plain.data)
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_best_way_is_taken(client: FlaskClient) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert answer.headers["Content-Encoding"] == "br"


def test_browser_that_takes_nothing_gets_the_text(client: FlaskClient) -> None:
    answer = client.get(SHEET, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert b"{" in answer.data


def test_unchanged_static_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(SHEET, headers={"Accept-Encoding": "br"})
    again = {"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]}
    answer = client.get(SHEET, headers=again)
    assert answer.status_code == 304
    assert answer.data == b""


def test_picture_and_font_are_left_alone(client: FlaskClient) -> None:
    font = "/static/vendor/be-vietnam-pro/be-vietnam-pro-latin-400-normal.woff2"
    answer = client.get(font, headers={"Accept-Encoding": "br, gzip"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_part_of_a_file_is_left_alone(client: FlaskClient) -> None:
    asked = {"Accept-Encoding": "br", "Range": "bytes=0-999"}
    answer = client.get(SHEET, headers=asked)
    assert answer.status_code == 206
    assert "Content-Encoding" not in answer.headers
    assert len(answer.data) == 1000


def test_head_names_no_packing(client: FlaskClient) -> None:
    answer = client.head("/", headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers

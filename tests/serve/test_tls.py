"""`sbx serve --tls-cert --tls-key`: HTTPS, and a certificate that is renewed while it serves."""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess

import pytest

from daemon import Answer, Daemon, eventually


def make_pair(directory, name, *extra):
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", *extra], check=True, capture_output=True)
    return certificate, key


class TlsDaemon(Daemon):
    def __init__(self, binary, home, certificate, key, *flags, **environment):
        super().__init__(binary, home, "--tls-cert", str(certificate), "--tls-key", str(key), *flags, **environment)
        self.trusted = certificate

    def connect(self, local=False, timeout=60):
        if local:
            return super().connect(local, timeout)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                           context=ssl.create_default_context(cafile=self.trusted))

    def name(self):
        """The subject of the certificate that it shows now."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 10)) as client:
            shown = client.getpeercert(binary_form=True)
        found = subprocess.run(["openssl", "x509", "-inform", "der", "-noout", "-subject"], input=shown,
                               capture_output=True, check=True).stdout.decode()
        return found.strip().rpartition("= ")[2].rpartition("=")[2]

    def events(self, event):
        lines = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def tls(binary, tmp_path):
    certificate, key = make_pair(tmp_path, "first")
    daemon = TlsDaemon(binary, tmp_path, certificate, key, "--remove-on-stop").start()
    yield daemon
    assert daemon.stop() == 0


def test_code_runs_over_https(tls):
    assert tls.run("print(6 * 7)").json["stdout"] == "42\n"
    assert tls.get("/health", local=True).status == 200, "the Unix socket stays plain"
    assert f"https://127.0.0.1:{tls.port}" in tls.log.read_text()
    origin = f"https://127.0.0.1:{tls.port}"
    assert tls.get("/health", Origin=origin).status == 200


def test_who_speaks_no_tls_gets_nothing(tls):
    with socket.create_connection(("127.0.0.1", tls.port), 10) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"ok" not in client.recv(1000)
    assert tls.get("/health").status == 200


@pytest.mark.parametrize("version, works", [("TLSv1_3", True), ("TLSv1_2", True), ("TLSv1_1", False), ("TLSv1", False)])
def test_old_versions_are_refused(tls, version, works):
    context = ssl.create_default_context(cafile=tls.trusted)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion[version]
    plain = socket.create_connection(("127.0.0.1", tls.port), 10)
    if works:
        with context.wrap_socket(plain, server_hostname="localhost") as client:
            assert client.version().replace(".", "_") == version
    else:
        with pytest.raises((ssl.SSLError, OSError)):
            context.wrap_socket(plain, server_hostname="localhost")


def test_a_renewed_certificate_is_shown_after_sighup(tls, tmp_path):
    assert tls.name() == "first"
    old = tls.connect()
    old.request("GET", "/health")
    assert Answer(old.getresponse()).status == 200
    for source, target in zip(make_pair(tmp_path, "second"), ("first.pem", "first.key")):
        os.replace(source, tmp_path / target)
    assert tls.name() == "first"
    tls.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: tls.name() == "second")
    assert tls.get("/health").status == 200
    old.request("GET", "/health")
    assert Answer(old.getresponse()).status == 200, "a connection lives on with what it has"


@pytest.mark.parametrize("break_", ["missing", "garbage", "mismatch"])
def test_a_bad_new_certificate_keeps_the_old_one(tls, tmp_path, break_):
    whole = (tmp_path / "first.pem").read_bytes()
    if break_ == "missing":
        (tmp_path / "first.pem").unlink()
    elif break_ == "garbage":
        (tmp_path / "first.pem").write_text("no certificate")
    else:
        os.replace(make_pair(tmp_path, "other")[0], tmp_path / "first.pem")
    tls.process.send_signal(signal.SIGHUP)
    kept = eventually(lambda: tls.events("certificate_kept"))
    assert kept and kept[0]["level"] == "error" and "first.pem" in kept[0]["why"] and kept[0]["hint"]
    assert tls.name() == "first"
    (tmp_path / "first.pem").write_bytes(whole)
    assert tls.get("/health").status == 200


def refused(binary, home, *flags):
    daemon = Daemon(binary, home)
    done = daemon.sbx("serve", "--listen", "127.0.0.1:0", *map(str, flags))
    return done.returncode, done.stderr


def test_wrong_files_are_refused_with_what_to_do(binary, tmp_path):
    certificate, key = make_pair(tmp_path, "one")
    other = make_pair(tmp_path, "two")[1]
    locked = tmp_path / "locked.key"
    subprocess.run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked], check=True)
    empty = tmp_path / "empty"
    empty.touch()
    pairs = [
        (certificate, tmp_path / "nothing", 3, "cannot read"),
        (tmp_path / "nothing", key, 3, "cannot read"),
        (empty, key, 2, "holds no certificate"),
        (key, key, 2, "holds no certificate"),
        (certificate, empty, 2, "holds no key"),
        (certificate, locked, 2, "passphrase"),
        (certificate, other, 2, "is not the key of"),
        (tmp_path, key, 2, "holds no certificate"),
    ]
    for one, two, code, words in pairs:
        exit_code, said = refused(binary, tmp_path, "--tls-cert", one, "--tls-key", two)
        assert exit_code == code and words in said and "→" in said, (one.name, two.name, exit_code, said)
    for flag, path in (("--tls-cert", certificate), ("--tls-key", key)):
        exit_code, said = refused(binary, tmp_path, flag, path)
        assert exit_code == 2 and "--tls" in said


def test_others_without_tls_are_warned_of(binary, tmp_path):
    certificate, key = make_pair(tmp_path, "one")
    plain = Daemon(binary, tmp_path)
    assert plain.sbx("key", "create").returncode == 0
    for flags, warns in ((["--tls-cert", str(certificate), "--tls-key", str(key)], False), ([], True)):
        plain.log.unlink(missing_ok=True)
        daemon = TlsDaemon(binary, tmp_path, certificate, key, "--listen", "0.0.0.0:0") if flags else \
            Daemon(binary, tmp_path, "--listen", "0.0.0.0:0")
        daemon.start()
        assert ("listens_without_tls" in daemon.log.read_text()) == warns
        assert daemon.stop() == 0

"""curl, git, pip and psql over a list of names: programs that others wrote, and that know nothing of sbx."""

import functools
import shutil
import signal
import subprocess
import tempfile
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from outside import Outside, closed_port
from runner import Sbx, eventually

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def tools():
    """Building it twice costs nothing, as the engine keeps its layers."""
    version = (ROOT / "images" / "VERSION").read_text().strip()
    tag = f"sbx-test/egress-tools:{version}"
    command = f"source scripts/lib/setup.sh && build_image {tag} {HERE / 'egress_tools'} BASE=sbx/python:{version}"
    subprocess.run(["bash", "-c", command], cwd=ROOT, check=True, capture_output=True)
    return tag


def make_repository(folder):
    """One that plain files over HTTP are enough for."""
    work = folder / "work"
    work.mkdir()
    (work / "README").write_text("cloned\n")
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", work, folder / "code.git"], check=True)
    subprocess.run(["git", "update-server-info"], cwd=folder / "code.git", check=True)


def make_index(folder):
    """An index of Python packages with one in it."""
    package = folder / "simple" / "greeting"
    package.mkdir(parents=True)
    name = "greeting-1.0-py3-none-any.whl"
    about = "greeting-1.0.dist-info"
    with zipfile.ZipFile(package / name, "w") as wheel:
        wheel.writestr("greeting.py", "words = 'installed'\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    (package / "index.html").write_text(f'<a href="{name}">{name}</a>')


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """HOST:PORT where all of it is."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "page").write_text("hello\n")
    make_repository(folder)
    make_index(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"a.wild.test:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def run_with(tmp_path_factory, binary, session_label, tools):
    """Runs a line of shell that may reach what is allowed."""
    outside = Outside(tmp_path_factory.mktemp("outside"), binary)
    sbx = Sbx(outside.wrapper, tmp_path_factory.mktemp("home"), session_label)

    def run_line(allowed, line):
        return sbx("run", "--image", tools, "--lang", "bash", "--allow", allowed, "-c", line,
                   env={"SBX_EGRESS_PERMIT": "127.0.0.1"}, timeout=120)  # fmt: skip

    yield run_line
    outside.close()


@pytest.fixture(scope="module", params=["name", "wildcard"])
def run(request, run_with, place):
    """Runs a line of shell that may reach `place`, by its name or through the proxies."""
    return functools.partial(run_with, place if request.param == "name" else "*." + place.partition(".")[2])


@pytest.fixture(scope="module")
def database():
    """The port of a PostgreSQL server on loopback, with data of its own. It refuses to run as root."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    port = closed_port()
    options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    with tempfile.TemporaryDirectory(prefix="sbx-database-", dir="/var/tmp") as folder:
        shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        make = [programs / "initdb", "--no-sync", "--auth=trust", "--username=postgres", f"--pgdata={data}"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, user="postgres")
        serve = [programs / "postgres", "-D", data, *(word for option in options for word in ("-c", option))]
        with subprocess.Popen(serve, stderr=subprocess.DEVNULL, cwd=folder, user="postgres") as server:
            try:
                asks = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
                assert eventually(lambda: subprocess.run(asks).returncode == 0, 30)
                yield port
            finally:
                server.send_signal(signal.SIGQUIT)


def test_curl_fetches_a_page(run, place):
    done = run(f"curl -sS http://{place}/page")
    assert (done.code, done.out, done.err) == (0, "hello\n", "")


def test_every_one_of_many_connections_works(run, place):
    """What is left of one must not disturb the next."""
    done = run(f"for i in $(seq 300); do curl -fsS http://{place}/page || echo broken $i; done | sort | uniq -c")
    assert done.out.split() == ["300", "hello"], done


def test_curl_fetches_through_socks(run, place):
    done = run(f"curl -sS --proxy socks5h://127.0.0.1:3128 http://{place}/page")
    assert (done.code, done.out, done.err) == (0, "hello\n", "")


def test_curl_is_told_what_is_not_allowed(run, place):
    done = run("curl -fsS http://other.test/")
    assert done.code in (6, 22), done
    assert "try --allow other.test" in done.words[-1]


def test_git_clones_a_repository(run, place):
    done = run(f"git clone -q http://{place}/code.git && cat code/README")
    assert (done.code, done.out) == (0, "cloned\n"), done


def test_pip_installs_a_package(run, place):
    host = place.partition(":")[0]
    line = (
        f"pip install -q --target lib --index-url http://{place}/simple --trusted-host {host} greeting && "
        "PYTHONPATH=lib python3 -c 'import greeting; print(greeting.words)'"
    )
    done = run(line)
    assert (done.code, done.out) == (0, "installed\n"), done


def test_psql_asks_a_database(run_with, database):
    psql = f"psql -h a.wild.test -p {database} -U postgres -At"
    query = f"{psql} -c 'select * from generate_series(1, 200000)' > rows && wc -l < rows && tail -1 rows"
    done = run_with(f"a.wild.test:{database}", query)
    assert (done.code, done.out.split()) == (0, ["200000", "200000"]), done
    refused = run_with("a.wild.test:1", f"{psql} -c 'select 1'")
    assert refused.code == 2 and "Connection refused" in refused.err, refused

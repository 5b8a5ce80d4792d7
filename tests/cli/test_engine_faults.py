"""Engines that are missing, forbidden, old, broken, slow or gone, and images that can't serve."""

import grp
import json
import os
import random
import signal
import time

import pytest

from engine_api import ARCHITECTURE, image_archive
from fake_engine import EngineProxy, FakeEngine, http_reply
from runner import eventually
from second_engine import SecondEngine

WAITS = ["run", "--json", "-c", "import time; print('ready', flush=True); time.sleep(60)"]

OTHER_ARCHITECTURE = {"amd64": "arm64", "arm64": "amd64"}[ARCHITECTURE]


def says(done, *words):
    """One object with --json, exit code 125, and the words in what people read."""
    failure = done.json
    assert (done.code, failure["exit_code"], failure["origin"]) == (125, 125, "sbx"), failure
    text = failure["error"]["message"] + " " + failure["error"]["hint"]
    for word in words:
        assert word.lower() in text.lower(), (word, text)
    return failure


def clear_away(engine, session_label):
    """Removes what nobody could ask to remove, and what the engine is still at: the next sweep's otherwise."""
    quiet_until = time.monotonic() + 1.5
    while time.monotonic() < quiet_until:
        for container in engine.containers(session_label):
            engine.remove(container["Id"])
            quiet_until = time.monotonic() + 1.5
        time.sleep(0.1)


# No engine to talk to


@pytest.mark.parametrize(
    "host, word",
    [
        ("unix:///nonexistent/docker.sock", "/nonexistent/docker.sock"),
        ("tcp://127.0.0.1:1", "127.0.0.1:1"),
        ("tcp://no-such-host.invalid:2375", "no-such-host.invalid"),
        ("ssh://nobody@no-such-host.invalid", "no-such-host.invalid"),
        ("banana", "banana"),
        ("ftp://x", "ftp"),
    ],
)
def test_no_engine_is_said_with_what_was_tried(sbx, host, word):
    done = sbx("run", "--json", "-c", "1", env={"DOCKER_HOST": host}, timeout=30)
    says(done, word)


def test_no_engine_at_all_says_how_to_get_one(sbx, tmp_path):
    done = sbx("run", "-c", "1", env={"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"})
    assert done.code == 125
    assert f"{tmp_path}/docker.sock" in done.err and len(done.err.splitlines()) <= 2
    assert any(word in done.err for word in ("install", "start", "sbx doctor"))


def test_a_socket_that_nobody_listens_on_is_no_engine(sbx, tmp_path):
    with FakeEngine(tmp_path / "s", lambda *_: None) as engine:
        engine.close()
        (tmp_path / "s").touch()
        says(sbx("run", "--json", "-c", "1", env={"DOCKER_HOST": engine.url}), str(tmp_path / "s"))


def test_no_permission_on_the_socket_names_the_group(as_nobody, open_folder, engine):
    with EngineProxy(open_folder / "docker.sock", engine.socket_path) as proxy:
        os.chown(proxy.path, 0, grp.getgrnam("adm").gr_gid)
        os.chmod(proxy.path, 0o660)
        done = as_nobody("run", "-c", "1", env={"DOCKER_HOST": proxy.url})
    assert done.returncode == 125
    assert proxy.path.encode() in done.stderr and b"'adm'" in done.stderr
    assert len(done.stderr.splitlines()) <= 2


# Engines that answer nonsense


def test_an_engine_that_is_too_old_is_refused_with_both_versions(sbx, tmp_path):
    version = {"ApiVersion": "1.24", "MinAPIVersion": "1.12", "Version": "1.12.6", "Os": "linux", "Arch": "amd64"}
    headers = [("Api-Version", "1.24"), ("Server", "Docker/1.12.6 (linux)")]
    with FakeEngine(tmp_path / "s", lambda method, target: http_reply(200, version, headers)) as engine:
        says(sbx("run", "--json", "-c", "1", env={"DOCKER_HOST": engine.url}), "1.24", "1.41")


def test_an_engine_that_is_too_new_is_spoken_to_in_its_oldest_tongue(sbx, tmp_path):
    version = {"ApiVersion": "1.51", "MinAPIVersion": "1.44", "Version": "29.0.0", "Os": "linux", "Arch": "amd64"}

    def answer(method, target):
        known = target.startswith(("/_ping", "/version"))
        return http_reply(
            200 if known else 404, version if known else {"message": "no such thing"}, [("Api-Version", "1.51")]
        )

    with FakeEngine(tmp_path / "s", answer) as engine:
        sbx("run", "-c", "1", env={"DOCKER_HOST": engine.url})
        versions = {tuple(map(int, t.split("/")[1][1:].split("."))) for t in engine.targets if t.startswith("/v1.")}
    assert all((1, 44) <= each <= (1, 51) for each in versions), engine.targets


def test_podman_is_recognised_and_refused_with_the_reason(sbx, tmp_path):
    version = {"ApiVersion": "1.41", "MinAPIVersion": "1.24", "Version": "4.3.1", "Os": "linux", "Arch": "amd64",
               "Components": [{"Name": "Podman Engine", "Version": "4.3.1"}]}  # fmt: skip
    headers = [("Api-Version", "1.41"), ("Libpod-Api-Version", "4.3.1"), ("Server", "Libpod/4.3.1 (linux)")]
    with FakeEngine(tmp_path / "s", lambda *_: http_reply(200, version, headers)) as engine:
        says(sbx("run", "--json", "-c", "1", env={"DOCKER_HOST": engine.url}), "podman")
        assert not any("create" in target for target in engine.targets)


GARBAGE = {
    "random bytes": random.Random(1).randbytes(4096),
    "nothing": b"",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nbanana",
    "wrong JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "endless header": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000,
    "an error": http_reply(500, {"message": "the engine has the flu"}),
    "a huge length": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_an_engine_that_answers_nonsense_is_an_error(sbx, tmp_path, name):
    def answer(method, target):
        if name == "nothing":
            raise OSError
        return GARBAGE[name]

    with FakeEngine(tmp_path / "s", answer) as engine:
        failure = says(sbx("run", "--json", "-c", "1", env={"DOCKER_HOST": engine.url}, timeout=40))
    assert failure["error"]["code"] in ("unavailable", "internal", "invalid_argument", "deadline_exceeded")


@pytest.mark.full
def test_an_engine_that_never_answers_is_given_up(sbx, tmp_path):
    with FakeEngine(tmp_path / "s", lambda *_: None) as engine:
        done = sbx("run", "--json", "-c", "1", env={"DOCKER_HOST": engine.url}, timeout=45)
    says(done)


@pytest.mark.parametrize(
    "stall, args",
    [
        ("/images/", ["run", "-c", "1"]),
        ("/images/create", ["run", "--pull", "always", "--image", "sbx-tests/none:1", "-c", "1"]),
        ("/build", ["image", "build", "bash"]),
        ("/attach", ["run", "-c", "1"]),
        ("/images/sbx", ["image", "ls"]),
    ],
)
def test_an_interrupt_ends_sbx_whatever_it_waits_for(started, engine, tmp_path, stall, args, no_leftovers):
    with EngineProxy(tmp_path / "s", engine.socket_path, stall) as proxy:
        process = started(*args, env={"DOCKER_HOST": proxy.url})
        assert proxy.stalled.wait(10)
        process.send_signal(signal.SIGINT)
        assert process.wait(5) in (130, -signal.SIGINT)


@pytest.mark.parametrize("stall", ["/containers/create", "/start"])
def test_a_second_interrupt_waits_for_no_engine(started, engine, session_label, tmp_path, stall):
    with EngineProxy(tmp_path / "s", engine.socket_path, stall, all_hang=True) as proxy:
        process = started("run", "-c", "1", env={"DOCKER_HOST": proxy.url})
        assert proxy.stalled.wait(10)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        assert process.wait(3) in (130, -signal.SIGINT)
    clear_away(engine, session_label)


# Engines that go away


def test_an_engine_that_is_cut_off_mid_run_is_lost(started, engine, tmp_path, no_leftovers):
    with EngineProxy(tmp_path / "s", engine.socket_path) as proxy:
        process = started(*WAITS, env={"DOCKER_HOST": proxy.url})
        time.sleep(2)
        proxy.close()
        begin = time.monotonic()
        record = json.loads(process.communicate(timeout=10)[0])
    assert time.monotonic() - begin < 2
    assert (process.returncode, record["exit_code"]) == (125, 125)
    assert (record["origin"], record["reason"], record["stdout"]) == ("sbx", "lost", "ready\n")


@pytest.mark.parametrize("delay", [0.01, 0.03, 0.05, 0.07, 0.09, 0.12])
def test_an_engine_that_is_cut_off_during_the_start_is_an_error(started, engine, session_label, tmp_path, delay):
    with EngineProxy(tmp_path / "s", engine.socket_path) as proxy:
        process = started(*WAITS, env={"DOCKER_HOST": proxy.url})
        time.sleep(delay)
        proxy.close()
        stdout = process.communicate(timeout=20)[0]
    assert process.returncode == 125
    assert json.loads(stdout)["exit_code"] == 125
    assert eventually(lambda: all(c["State"] == "created" for c in engine.containers(session_label)), 5)
    clear_away(engine, session_label)


@pytest.fixture(scope="module")
def empty_engine():
    with SecondEngine() as engine:
        yield engine


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_engine_that_stops_mid_run_is_lost(started, second_engine, number):
    process = started(*second_engine.run, "--json", "--", "/arguments", "ready", "wait", env=second_engine.env)
    assert eventually(lambda: second_engine.api.json("/containers/json"), 20)
    time.sleep(0.5)
    second_engine.stop(number)
    begin = time.monotonic()
    record = json.loads(process.communicate(timeout=20)[0])
    took = time.monotonic() - begin
    assert record["stdout"] == "ready\nwait\n"
    if number == signal.SIGKILL:
        assert (process.returncode, record["origin"], record["reason"]) == (125, "sbx", "lost")
        assert took < 2
    else:  # a polite stop ends the sandboxes first
        assert (process.returncode, record["reason"]) in ((125, "lost"), (137, "killed"))


# Images


def test_a_language_without_any_image_names_the_command_that_builds_it(sbx, empty_engine):
    done = sbx("run", "--json", "-c", "1", env=empty_engine.env, timeout=60)
    failure = says(done, "sbx image build python")
    assert failure["error"]["code"] == "image_unavailable"


def test_a_template_of_ours_without_its_image_names_the_command_that_builds_it(sbx, empty_engine):
    done = sbx("run", "--json", "--template", "python-data", "-c", "1", env=empty_engine.env, timeout=60)
    failure = says(done, "sbx image build python-data")
    assert failure["error"]["code"] == "image_unavailable"


def test_an_image_that_no_registry_has_is_said_to_be_missing(sbx, empty_engine):
    done = sbx("run", "--json", "--image", "sbx-tests/none:1", "-c", "1", env=empty_engine.env, timeout=60)
    assert says(done, "sbx-tests/none:1")["error"]["code"] == "image_unavailable"


def test_a_never_policy_asks_no_registry(sbx):
    begin = time.monotonic()
    says(sbx("run", "--json", "--pull", "never", "--image", "192.0.2.1/none:1", "-c", "1"), "192.0.2.1/none:1")
    assert time.monotonic() - begin < 3


@pytest.mark.parametrize("reference", ["UPPER", "a b", "-x", "x:y:z", "", "../x", "x@sha256:1"])
def test_an_image_name_that_is_none_is_refused(sbx, reference):
    done = sbx("run", "--json", "--image", reference, "--", "true")
    assert done.code == 125
    assert done.json["error"]["message"]


@pytest.fixture(scope="module")
def odd_images(engine, static_program):
    """Images that a user can have: by what is odd about them."""
    program = [("arguments", static_program.read_bytes())]
    oddities = {
        "shell": {},
        "architecture": {"architecture": OTHER_ARCHITECTURE},
        "volumes": {"config": {"Volumes": {"/data": {}}}},
        "environment": {"config": {"Env": ["PATH=/nowhere", "X=image"]}},
        "entrypoint": {"config": {"Entrypoint": ["/arguments", "hijacked"]}},
    }
    names = {what: f"sbx-tests/odd-{what}:1" for what in oddities}
    for what, oddity in oddities.items():
        engine.load(image_archive(names[what], program, **oddity))
    yield names
    for name in names.values():
        engine.remove_image(name)


def test_an_image_without_a_shell_runs_its_program(sbx, odd_images):
    done = sbx("run", "--image", odd_images["shell"], "--", "/arguments", "a b", "c")
    assert (done.code, done.stdout, done.stderr) == (0, b"a b\nc\n", b"")


def test_an_image_without_a_shell_lacks_the_interpreter_too(sbx, odd_images):
    done = sbx("run", "--image", odd_images["shell"], "--lang", "bash", "-c", "echo 1")
    assert done.code == 127
    assert "bash" in done.err and odd_images["shell"] in done.err


def test_an_image_of_another_architecture_is_refused_naming_it(sbx, odd_images):
    done = sbx("run", "--json", "--image", odd_images["architecture"], "--", "/arguments")
    says(done, OTHER_ARCHITECTURE, odd_images["architecture"])


def test_no_sandbox_is_made_of_an_image_of_another_architecture(kept, odd_images):
    done = kept("create", "--json", "--image", odd_images["architecture"])
    assert done.code == 3
    assert done.json["error"]["code"] == "image_unavailable"
    assert f"is for {OTHER_ARCHITECTURE}" in done.json["error"]["message"]
    assert kept.known("-a") == {} and not kept.keepers()


def test_an_image_with_volumes_is_refused_naming_them(sbx, odd_images):
    done = sbx("run", "--json", "--image", odd_images["volumes"], "--", "/arguments")
    assert done.code in (125, 126)
    assert "/data" in done.json["error"]["message"] and "volume" in done.json["error"]["message"]


def test_an_images_own_environment_is_there_and_its_entrypoint_is_not(sbx, odd_images):
    done = sbx("run", "--image", odd_images["entrypoint"], "--", "/arguments", "mine")
    assert done.stdout == b"mine\n"
    done = sbx("run", "--json", "--image", odd_images["environment"], "--", "arguments")
    assert done.code == 127  # not on the image's own PATH


def test_first_runs_on_an_engine_fill_the_volume_once(sbx, second_engine):
    runs = [sbx.start(*second_engine.run, "--", "/arguments", str(n), env=second_engine.env) for n in range(6)]
    assert [run.communicate(timeout=60)[0] for run in runs] == [b"%d\n" % n for n in range(6)]
    assert len([name for name in second_engine.api.volumes() if name.startswith("sbx-agent-")]) == 1


def test_an_alien_volume_of_the_agents_name_is_never_used(sbx, second_engine, tmp_path):
    """Whoever else uses the engine could have filled it first."""
    args = [*second_engine.run, "--", "/arguments", "ran"]
    assert sbx(*args, env=second_engine.env).stdout == b"ran\n"
    (name,) = [name for name in second_engine.api.volumes() if name.startswith("sbx-agent-")]

    def removed():
        return second_engine.api.request("DELETE", f"/volumes/{name}")[0] == 204

    assert eventually(removed, 10)
    assert second_engine.api.request("POST", "/volumes/create", json.dumps({"Name": name}))[0] == 201
    done = sbx(*args, env={**second_engine.env, "XDG_CACHE_HOME": tmp_path})  # nothing is remembered of the first
    assert done.code in (125, 126) and done.stdout == b""
    assert name in done.err


def test_a_sandbox_killed_from_outside_ends_the_run_within_two_seconds(started, living, engine, no_leftovers):
    process = started(*WAITS)
    sandbox = living()
    time.sleep(0.5)
    begin = time.monotonic()
    engine.remove(sandbox)
    record = json.loads(process.communicate(timeout=10)[0])
    assert time.monotonic() - begin < 2
    assert (process.returncode, record["reason"]) == (137, "killed")


def test_a_sandbox_paused_from_outside_ends_at_the_time_limit(started, living, engine, no_leftovers):
    process = started("run", "--json", "--timeout", "2s", "--grace", "500ms", "-c", "import time; time.sleep(60)")
    engine.pause(living())
    record = json.loads(process.communicate(timeout=25)[0])
    assert (process.returncode, record["reason"]) == (124, "timeout")

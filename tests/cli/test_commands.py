"""The commands beside `run`: what they print, for people and for machines, and their exit codes."""

import json
import os
import re
import subprocess

import pytest

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
LANGUAGES = [
    *["python", "javascript", "typescript", "bash", "c", "cpp", "java", "go", "rust", "ruby", "php", "perl", "lua", "r"],
    *["d", "fortran", "haskell", "csharp", "kotlin", "scala", "sqlite"],
]


# version


def test_version_works_without_an_engine(sbx):
    done = sbx("version", env=NO_ENGINE)
    assert (done.code, done.stderr) == (0, b"")
    assert re.search(r"sbx \d+\.\d+\.\d+", done.out)
    assert sbx("--version", env=NO_ENGINE).out.startswith("sbx ")


def test_version_for_machines(sbx):
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", sbx("version", "--json", env=NO_ENGINE).json["version"])


# doctor


def on_path(sbx, *before):
    """An environment in which the binary under test is found by its name."""
    folders = [*map(str, before), os.path.dirname(sbx.binary), os.environ["PATH"]]
    return {"PATH": ":".join(folders)}


def test_doctor_is_content_where_a_run_works(sbx):
    done = sbx("doctor", env=on_path(sbx))
    assert done.code == 0, done
    lines = (done.out + done.err).splitlines()
    assert any("✓" in line for line in lines) and not any("✗" in line for line in lines)


def test_doctor_for_machines(sbx):
    done = sbx("doctor", "--json")
    assert done.code == 0
    assert "docker" in done.out.lower()


def test_doctor_without_an_engine_names_the_socket_and_a_mend(sbx):
    done = sbx("doctor", env=NO_ENGINE)
    assert done.code in (1, 6)
    text = done.out + done.err
    assert "✗" in text and "/nonexistent/docker.sock" in text
    assert sbx("doctor", "--json", env=NO_ENGINE).json


def test_doctor_tells_which_sbx_is_first_on_the_path(sbx, tmp_path):
    other = tmp_path / "sbx"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    done = sbx("doctor", env=on_path(sbx, tmp_path))
    assert str(other) in done.out + done.err


# every command


@pytest.mark.parametrize("command", [["version"], ["lang", "ls"], ["config", "path"], ["config", "get", "pull"]])
def test_every_command_that_manages_takes_the_words_that_nobody_is_there(sbx, command):
    assert sbx(*command, "--yes", "--no-input", env=NO_ENGINE).code == 0


def test_help_for_machines_is_json(sbx):
    assert "--timeout" in sbx("run", "--json", "--help", env=NO_ENGINE).json["help"]
    assert "Usage" in sbx("version", "--help", "--json", env=NO_ENGINE).json["help"]


# lang


def test_languages_are_listed(sbx):
    done = sbx("lang", "ls", env=NO_ENGINE)
    assert (done.code, done.stderr) == (0, b"")
    assert all(language in done.out for language in LANGUAGES)
    assert [each["name"] for each in sbx("lang", "ls", "--json", env=NO_ENGINE).json] == LANGUAGES
    assert sbx("lang", "ls", "-q", env=NO_ENGINE).out.split() == LANGUAGES


@pytest.mark.parametrize(
    "filters, languages",
    [
        (["language=bash"], ["bash"]),
        (["alias=py"], ["python"]),
        (["extension=py"], ["python"]),
        (["alias=py", "extension=js"], []),
    ],
)
def test_languages_are_filtered(sbx, filters, languages):
    flags = [word for text in filters for word in ("--filter", text)]
    assert sbx("lang", "ls", "-q", *flags, env=NO_ENGINE).out.split() == languages


def test_a_filter_that_is_not_known_is_refused(sbx):
    assert sbx("lang", "ls", "--filter", "size=1", env=NO_ENGINE).code == 2


@pytest.mark.parametrize("name, language", [("python", "python"), ("js", "javascript"), ("c++", "cpp")])
def test_one_language_is_shown_by_any_of_its_names(sbx, name, language):
    assert sbx("lang", "show", name, "--json", env=NO_ENGINE).json["name"] == language
    assert language in sbx("lang", "show", name, env=NO_ENGINE).out


def test_a_nearly_right_language_is_suggested(sbx):
    done = sbx("lang", "show", "pyhton")
    assert done.code == 3
    assert "python" in done.err


# image


def test_images_are_listed(sbx):
    assert "sbx/python" in sbx("image", "ls").out
    listed = sbx("image", "ls", "--json").json
    assert isinstance(listed, list) and "sbx/python:4" in json.dumps(listed)
    assert "sbx/python:4" in sbx("image", "ls", "-q").out


def test_an_image_is_removed_once(sbx, engine):
    engine.tag("sbx/bash:4", "sbx-tests/removable", "1")
    done = sbx("image", "rm", "--yes", "sbx-tests/removable:1")
    assert done.code == 0, done
    assert not engine.has_image("sbx-tests/removable:1") and engine.has_image("sbx/bash:4")
    done = sbx("image", "rm", "--yes", "sbx-tests/removable:1")
    assert done.code == 3
    assert "sbx-tests/removable:1" in done.err and "sbx image ls" in done.err


def test_an_image_that_no_registry_has_is_not_to_be_had(sbx):
    env = {"SBX_REGISTRY": "localhost:1/none"}
    done = sbx("image", "pull", "python", env=env, timeout=60)
    assert done.code == 3
    assert "localhost:1/none" in done.err and len(done.err.splitlines()) <= 2
    assert sbx("image", "pull", "python", "--json", env=env, timeout=60).json["error"]["code"] == "image_unavailable"


def test_only_our_own_images_can_be_built(sbx):
    done = sbx("image", "build", "klingon")
    assert done.code in (2, 3)
    assert "klingon" in done.err
    assert "did you mean python-data?" in sbx("image", "build", "pyton-data").err


def test_a_richer_image_is_listed_beside_that_of_its_language(sbx):
    names = ["sbx/python:4", "sbx/python-data:4"]
    listed = sbx("image", "ls", "-q", "--filter", "language=python").out.split()
    assert [name for name in listed if name in names] == names


def test_a_richer_image_that_no_registry_is_known_for_is_built(sbx):
    done = sbx("image", "pull", "python-data")
    assert done.code == 3 and "sbx image build python-data" in done.err, done


def test_a_build_makes_the_image_of_a_language(sbx, engine):
    done = sbx("image", "build", "bash", timeout=300)
    assert done.code == 0, done
    assert engine.has_image("sbx/bash:4")


# config


@pytest.fixture
def config(sbx, tmp_path):
    """Runs sbx with settings of its own; `config.path` is the user's file."""

    class Config:
        path = tmp_path / "config" / "sbx" / "config.toml"

        def __call__(self, *args, env=None):
            return sbx(*args, env={"XDG_CONFIG_HOME": tmp_path / "config", **(env or {})}, cwd=tmp_path)

        def write(self, text):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(text)

    return Config()


def test_the_files_are_named(config):
    assert str(config.path) in config("config", "path").out
    assert "/etc/sbx/config.toml" in config("config", "path").out


def test_every_setting_is_shown_with_its_origin(config):
    done = config("config", "show", "--origin", "--json")
    shown = done.json
    assert shown["limits.memory"] == {"value": "512m", "origin": "default"}
    assert shown["limits.timeout"]["value"] == "10m"
    assert "limits.memory" in config("config", "show").out


def test_a_setting_is_set_got_and_used(config):
    assert config("config", "set", "limits.timeout", "500ms").code == 0
    assert config("config", "get", "limits.timeout").out == "500ms\n"
    assert str(config.path) in config("config", "show", "--origin").out
    assert config("run", "-c", "import time; time.sleep(30)").code == 124


@pytest.mark.parametrize("group", ["config", "image", "lang"])
def test_a_group_without_a_command_names_its_commands(sbx, group):
    done = sbx(group)
    assert done.code == 2
    assert f"sbx {group} needs a command" in done.err and "subcommand" not in done.err


def test_a_settings_file_that_is_a_link_stays_one(config, tmp_path):
    config.write("")
    config.path.rename(tmp_path / "dotfile")
    config.path.symlink_to(tmp_path / "dotfile")
    assert config("config", "set", "limits.pids", "11").code == 0
    assert config.path.is_symlink() and "11" in (tmp_path / "dotfile").read_text()


def test_the_nearer_source_wins(config, tmp_path):
    def origin(*flags, env=None):
        return config("config", "get", *flags, "limits.pids", "--json", env=env).json["value"]

    config.write("[limits]\npids = 11\n")
    (tmp_path / "named.toml").write_text("[limits]\npids = 22\n")
    assert origin() == "11"
    assert origin("--config", "named.toml") == "22"
    assert origin("--config", "named.toml", env={"SBX_PIDS": "33"}) == "33"
    assert origin(env={"SBX_CONFIG": "named.toml"}) == "22"


def test_a_flag_beats_every_source(config, tmp_path):
    config.write('[limits]\ntimeout = "300ms"\n')
    done = config("run", "--timeout", "30s", "-c", "import time; time.sleep(1)", env={"SBX_TIMEOUT": "200ms"})
    assert done.code == 0


def test_an_image_can_be_configured_for_a_language(config):
    config.write('[images]\npython = "sbx/cpp:4"\n')
    done = config("run", "--json", "--lang", "python", "-c", "1")
    assert (done.code, done.json["error"]["code"]) == (127, "not_found")


@pytest.mark.parametrize(
    "text, words",
    [
        ("[limits]\nmemory = banana\n", ["config.toml", ":2"]),
        ('[limits]\nmemory = "banana"\n', ["config.toml", "memory", "banana"]),
        ("[limits]\nmemroy = 1\n", ["config.toml", "memroy", "limits.memory"]),
        ("\0\xff", ["config.toml"]),
    ],
)
def test_a_wrong_file_is_refused_naming_the_place(config, text, words):
    config.write(text)
    done = config("run", "-c", "1", env=NO_ENGINE)
    assert done.code == 125
    for word in words:
        assert word in done.err


def test_a_wrong_setting_is_not_written(config):
    assert config("config", "set", "limits.memory", "banana").code == 2
    assert config("config", "set", "limits.memroy", "1g").code == 2
    assert config("config", "get", "limits.memroy").code == 3
    assert not config.path.exists()


def test_setting_keeps_the_rest_of_the_file(config):
    config.write('# my settings\n[limits]\nmemory = "1g" # much\npids = 11\n')
    assert config("config", "set", "limits.pids", "22").code == 0
    assert config.path.read_text() == '# my settings\n[limits]\nmemory = "1g" # much\npids = 22\n'


def test_no_project_file_is_picked_up(config, tmp_path):
    for name in ("config.toml", "sbx.toml", ".sbx.toml", "sbx/config.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("[limits]\npids = 11\n")
    assert config("config", "get", "limits.pids").out == "128\n"


def test_a_named_file_that_is_missing_is_refused(config):
    done = config("--config", "missing.toml", "config", "show")
    assert done.code != 0
    done = config("config", "show", "--config", "missing.toml")
    assert done.code == 2
    assert "missing.toml" in done.err
    assert config("run", "--config", "missing.toml", "-c", "1").code == 125


# prune


def test_prune_with_nothing_to_do_is_content(sbx):
    done = sbx("prune", "--yes")
    assert done.code == 0
    assert sbx("prune", "--yes", "--json").json is not None


def test_prune_never_waits_for_an_answer_without_a_terminal(sbx):
    assert sbx("prune", timeout=20).code in (0, 2)


def test_prune_removes_what_a_lost_run_left_and_nothing_of_others(sbx, engine):
    """A container that was created and never started, past its time; an alien's is left alone."""
    lost = {"sbx.sandbox": "x", "sbx.instance": "tests", "sbx.expires": "1"}
    made = []
    for labels in (lost, {"other": "label"}):
        body = json.dumps({"Image": "sbx/bash:4", "Cmd": ["true"], "Labels": labels})
        status, answer = engine.request("POST", "/containers/create", body)
        assert status == 201, answer
        made.append(json.loads(answer)["Id"])
    try:
        assert made[0][:12] in sbx("prune", "--dry-run", "--json").out
        done = sbx("prune", "--yes", "--json")
        assert done.code == 0 and made[0][:12] in done.out and made[1][:12] not in done.out
        found = [engine.request("GET", f"/containers/{container}/json")[0] for container in made]
        assert found == [404, 200]
    finally:
        for container in made:
            engine.remove(container)


# completion


@pytest.mark.parametrize(
    "shell, check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])]
)
def test_completion_scripts_are_valid(sbx, tmp_path, shell, check):
    done = sbx("completion", shell, env=NO_ENGINE)
    assert (done.code, done.stderr) == (0, b"")
    (tmp_path / "script").write_bytes(done.stdout)
    assert subprocess.run([*check, tmp_path / "script"], capture_output=True, timeout=20).returncode == 0


def test_there_is_completion_for_powershell(sbx):
    done = sbx("completion", "powershell", env=NO_ENGINE)
    assert done.code == 0
    assert "Register-ArgumentCompleter" in done.out


def test_an_unknown_shell_is_refused_with_the_known_ones(sbx):
    done = sbx("completion", "banana")
    assert done.code in (2, 3)
    assert "bash" in done.err and "zsh" in done.err


def with_sbx_on_path(sbx):
    return {**sbx.environment(NO_ENGINE), "PATH": f"{os.path.dirname(sbx.binary)}:{os.environ['PATH']}"}


def complete_in_bash(sbx, line, environment=None):
    """What bash offers for a line, without the bash-completion package."""
    script = f"""
source <('{sbx.binary}' completion bash)
COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}; read -ra COMP_WORDS <<<"$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
$(complete -p sbx | sed 's/.*-F \\([^ ]*\\) .*/\\1/') sbx "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env=environment or with_sbx_on_path(sbx),
        capture_output=True,
        timeout=20,
    )
    assert done.stderr == b""
    return {word.strip() for word in done.stdout.decode().splitlines()}


@pytest.mark.parametrize(
    "line, offered",
    [
        ("sbx ver", {"version"}),
        ("sbx run --tim", {"--timeout", "--timing"}),
        ("sbx run --lang ", set(LANGUAGES)),
        ("sbx run --lang = py", {"python"}),
        ("sbx run --lang =", set(LANGUAGES)),
        ("sbx version --", {"--help", "--json"}),
        ("sbx lang ", {"ls", "show"}),
        ("sbx completion ", {"bash", "zsh", "fish", "powershell"}),
        ("sbx run --template python", {"python-data"}),
        ("sbx pool warm --image python", {"python-data"}),
        ("sbx image build py", {"python", "python-data"}),
        ("sbx run --pull ", {"missing", "always", "never"}),
    ],
)
def test_bash_completes(sbx, line, offered):
    assert complete_in_bash(sbx, line) == offered


def test_names_of_sandboxes_are_completed_without_an_engine(kept):
    unnamed, ended = kept.make(), kept.make("--name", "ended")
    kept.make("--name", "build")
    kept("kill", ended)
    assert complete_in_bash(kept, "sbx stats ") == complete_in_bash(kept, "sbx exec ") == {"build", unnamed}
    assert complete_in_bash(kept, "sbx rm buil") == {"build"}
    assert complete_in_bash(kept, "sbx files ls ") >= {"build:"}
    script = f"'{kept.binary}' completion fish | source; complete -C 'sbx port buil'; complete -C 'sbx files cat buil'"
    done = subprocess.run(["fish", "--no-config", "-c", script], env=with_sbx_on_path(kept), capture_output=True)
    assert done.stdout.decode().split() == ["build", "build:"]


def test_names_of_templates_are_completed(sbx, tmp_path):
    folder = tmp_path / "sbx" / "templates"
    folder.mkdir(parents=True)
    for name in ("web.toml", "worker.toml", "notes.txt", "$(touch made).toml"):
        (folder / name).write_text("")
    environment = {**with_sbx_on_path(sbx), "XDG_CONFIG_HOME": str(tmp_path)}
    assert complete_in_bash(sbx, "sbx run --template w", environment) == {"web", "worker"}
    assert complete_in_bash(sbx, "sbx pool warm --template ", environment) >= {"web", "worker", "python-data"}
    assert complete_in_bash(sbx, "sbx run --lang w", environment) == {""}
    script = f"'{sbx.binary}' completion fish | source; complete -C 'sbx create --template w'"
    done = subprocess.run(["fish", "--no-config", "-c", script], env=environment, capture_output=True, cwd=tmp_path)
    assert [line.split()[0] for line in done.stdout.decode().splitlines()] == ["web", "worker"]
    assert not (tmp_path / "made").exists()


def test_fish_completes(sbx):
    script = f"'{sbx.binary}' completion fish | source; complete -C 'sbx run --tim'"
    done = subprocess.run(["fish", "--no-config", "-c", script], env=sbx.environment(NO_ENGINE), capture_output=True)
    assert {line.split()[0] for line in done.stdout.decode().splitlines()} == {"--timeout", "--timing"}


def test_zsh_loads_its_script(sbx):
    script = f"autoload -U compinit && compinit -D && source <('{sbx.binary}' completion zsh) && print $_comps[sbx]"
    done = subprocess.run(["zsh", "-fc", script], env=sbx.environment(NO_ENGINE), capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, b"") and b"sbx" in done.stdout


# the machine that is meant


@pytest.mark.parametrize("words", [("image", "ls"), ("pool", "status"), ("cache", "ls"), ("prune",), ("doctor",)])
def test_what_is_about_this_machine_says_so_where_a_daemon_is_named(sbx, words):
    named = sbx(*words, "--json", env={**NO_ENGINE, "SBX_HOST": "unix:/nonexistent/sbx.sock"})
    assert f"sbx: {words[0]} is about this machine, not about SBX_HOST" in named.err.splitlines()
    plain = sbx(*words, "--json", env=NO_ENGINE)
    assert (named.code, named.json) == (plain.code, plain.json)
    assert "SBX_HOST" not in plain.err


# typos


@pytest.mark.parametrize(
    "args, nearest",
    [
        (["rnu", "x.py"], "run?"),
        (["verison"], "version"),
        (["doctro"], "doctor"),
        (["image", "lst"], "ls"),
        (["run", "--timout", "1s", "-c", "1"], "--timeout"),
        (["lang", "ls", "--jsno"], "--json"),
    ],
)
def test_a_typo_gets_the_nearest_command(sbx, args, nearest):
    done = sbx(*args, env=NO_ENGINE)
    assert done.code == (125 if args[0] == "run" else 2)
    assert nearest in done.err and len(done.err.splitlines()) <= 2
    assert done.stdout == b""


def test_nothing_at_all_shows_how_to_begin(sbx):
    done = sbx(env=NO_ENGINE)
    assert done.code in (0, 2)
    assert "sbx run" in done.out + done.err

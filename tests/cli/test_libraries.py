"""Libraries: installed once, in a sandbox of their own, and shared by all later runs."""

import functools
import http.server
import json
import os
import shutil
import signal
import subprocess
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from outside import wrapper_with
from registries import settings
from runner import eventually

NAME = "index.test"
SIX = "import six, sys; print(six.__version__, sys.prefix)"


@pytest.fixture
def cached(kept, engine):
    """sbx with a cache of its own, whose volumes are gone after the test; the agent's verified volume stays known."""
    ours = kept.state.parent / "cache" / "sbx"
    ours.mkdir(parents=True)
    for known in (Path(kept.base["XDG_CACHE_HOME"]) / "sbx").glob("sbx-agent-*.verified"):
        shutil.copy(known, ours)
    kept.base["XDG_CACHE_HOME"] = str(ours.parent)
    kept.base.update(settings())
    yield kept
    kept.end_all()

    def is_clean():  # an engine takes a moment to let go of a volume
        return kept("cache", "prune", "--all", "--yes").code == 0 and not volumes(engine, owners_of(kept))

    assert eventually(is_clean, 10)


def volumes(engine, owners):
    """Volumes of libraries that belong to one of these caches."""
    found = engine.json("/volumes")["Volumes"] or []
    return [each["Name"] for each in found if (each["Labels"] or {}).get("sbx.libraries.owner") in owners]


def owners_of(sbx):
    cache = sbx.state.parent / "cache" / "sbx" / "libraries"
    return [path.read_text()[:16] for path in cache.glob("*/owner")]


def sets(sbx):
    return sbx("cache", "ls", "--json").json


def ran(done, code=0):
    assert done.code == code, done
    return done.out


def test_a_library_is_there_for_the_program_and_the_next_run_installs_nothing(cached):
    first = cached("run", "--with", "six==1.16.0", "-c", SIX, timeout=120)
    assert (ran(first), first.err) == ("1.16.0 /opt/sbx\n", "")
    [known] = sets(cached)
    assert known["requirements"] == ["six==1.16.0"] and known["bytes"] > 10_000
    # Without a network: nothing but the volume can have served it.
    assert ran(cached("run", "--offline", "--with", "six==1.16.0", "-c", SIX)) == "1.16.0 /opt/sbx\n"
    assert cached("run", "-c", "import six").code == 1


def test_the_set_is_read_only_and_the_program_is_no_other_user_in_it(cached):
    code = "open('/opt/sbx/lib/x', 'w')"
    done = cached("run", "--with", "six", "-c", code, timeout=120)
    assert done.code == 1 and "Read-only file system" in done.err


def test_programs_of_a_library_are_commands(cached):
    done = cached("run", "--with", "pygments", "--lang", "python", "--", "pygmentize", "-V", timeout=120)
    assert "Pygments version" in ran(done)


def test_a_script_says_itself_what_it_needs(cached, tmp_path):
    (tmp_path / "x.py").write_text(f"# /// script\n# dependencies = ['six<2']\n# ///\n{SIX}\n")
    assert ran(cached("run", tmp_path / "x.py", timeout=120)).endswith(" /opt/sbx\n")
    assert sets(cached)[0]["requirements"] == ["six<2"]


def test_a_requirements_file_is_read(cached, tmp_path):
    (tmp_path / "requirements.txt").write_text("# what it needs\nsix==1.16.0  # old\n")
    done = cached("run", "--requirements", tmp_path / "requirements.txt", "--with", "attrs", "-c", f"import attr; {SIX}",
                  timeout=120)  # fmt: skip
    assert ran(done) == "1.16.0 /opt/sbx\n"
    assert sets(cached)[0]["requirements"] == ["attrs", "six==1.16.0"]


def test_two_runs_that_want_the_same_wait_for_one_install(cached):
    both = [cached.start("run", "--with", "six==1.15.0", "-c", SIX) for _ in range(3)]
    for each in both:
        out, err = each.communicate(timeout=120)
        assert (each.returncode, out) == (0, b"1.15.0 /opt/sbx\n"), err
    assert len(sets(cached)) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_install_leaves_nothing_that_could_be_taken_for_whole(cached, engine, how):
    run = cached.start("run", "--with", "numpy", "-c", "import numpy; print(1)")
    assert eventually(lambda: owners_of(cached), 20)
    time.sleep(1)
    run.send_signal(how)
    run.communicate(timeout=30)
    assert run.returncode == (130 if how == signal.SIGINT else -how)
    assert sets(cached) == []
    assert "not installed" in cached("run", "--offline", "--with", "numpy", "-c", "1").err
    assert ran(cached("run", "--with", "numpy", "-c", "import numpy; print(1)", timeout=180)) == "1\n"
    assert len(volumes(engine, owners_of(cached))) == 1


def test_a_volume_that_somebody_removed_is_made_again(cached, engine):
    ran(cached("run", "--with", "six", "-c", SIX, timeout=120))
    volume = "/volumes/" + sets(cached)[0]["volume"]
    assert eventually(lambda: engine.request("DELETE", volume)[0] == 204, 10)
    assert sets(cached) == []
    assert cached("run", "--offline", "--with", "six", "-c", SIX).code == 125
    ran(cached("run", "--with", "six", "-c", SIX, timeout=120))


def test_an_upgrade_installs_anew(cached):
    ran(cached("run", "--with", "six", "-c", SIX, timeout=120))
    [old] = sets(cached)
    ran(cached("run", "--upgrade", "--with", "six", "-c", SIX, timeout=120))
    [new] = sets(cached)
    assert (new["key"], new["volume"] == old["volume"]) == (old["key"], False)


# A package that is built with a program of its own, which looks around in the install and says what it finds.
SPY = """import os, socket
def reachable(host):
    try:
        socket.create_connection((host, 443), 3)
        return "open"
    except OSError:
        return "closed"
raise SystemExit(f"SPY uid={os.getuid()} work={sorted(os.listdir('/work'))} secret={os.environ.get('SECRET')} "
                 f"elsewhere={reachable('example.org')}{reachable('192.0.2.1')}")
"""
SPY_FILES = {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "spy"\nbackend-path = ["."]\n', "spy.py": SPY}


def test_an_install_knows_nothing_of_the_code_and_reaches_only_the_index(with_names, tmp_path):
    index = make_index(tmp_path, "spy", SPY_FILES)
    (index / "pip").mkdir()
    fetch = ["/usr/bin/python3", Path(__file__).parents[2] / "runners" / "install" / "pip.py", index / "pip"]
    wheel = subprocess.run(fetch, env={**os.environ, "SBX_INDEX": "https://pypi.org/simple"}, capture_output=True)
    name = Path(wheel.stdout.decode().strip()).name
    (index / "pip" / "index.html").write_text(f'<a href="{name}">{name}</a>')
    (tmp_path / "secret.txt").write_text("x")
    with serving(index) as url:
        config = tmp_path / "config.toml"
        config.write_text(f'[index]\npython = "{url}"\n')
        done = with_names("run", "--config", config, "-e", "SECRET=x", "--file", tmp_path / "secret.txt", "--with", "spy",
                      "-c", "print('code')", timeout=120, env={"SBX_EGRESS_PERMIT": "127.0.0.1"})  # fmt: skip
    assert done.code == 125 and "the install of spy failed" in done.err, done
    assert "SPY uid=1000 work=[" in done.err and "secret=None elsewhere=closedclosed" in done.err, done.err
    assert "secret.txt" not in done.err.replace(str(tmp_path), "")


# A registry that this machine may not reach is made of its language's own tools, in a sandbox.
MADE = {
    "ruby": (
        """set -e
mkdir -p lib repo/gems
echo 'module Hello; def self.say; "hello"; end; end' > lib/hello_sbx.rb
echo 'Gem::Specification.new { |s| s.name = "hello_sbx"; s.version = "1.0"; s.summary = "x"; s.authors = ["x"]
s.files = ["lib/hello_sbx.rb"] }' > hello.gemspec
gem build hello.gemspec -o repo/gems/hello_sbx-1.0.gem
cd repo
gem generate_index -d .""",
        "require 'hello_sbx'; puts Hello.say",
        "hello_sbx@1.0",
    ),
    "r": (
        """set -e
mkdir -p hello.sbx/R repo/src/contrib
printf 'Package: hello.sbx\\nVersion: 1.0\\nTitle: Hello\\nDescription: Hello.\\nLicense: MIT\\nAuthor: x\\n' > hello.sbx/DESCRIPTION
echo 'Maintainer: x <x@example.org>' >> hello.sbx/DESCRIPTION
echo 'export(say)' > hello.sbx/NAMESPACE
echo 'say <- function() "hello"' > hello.sbx/R/say.R
R CMD build hello.sbx
mv hello.sbx_1.0.tar.gz repo/src/contrib/
cd repo
Rscript -e 'tools::write_PACKAGES("src/contrib", type = "source")'""",
        "cat(hello.sbx::say(), '\\n', sep = '')",
        "hello.sbx",
    ),
    "php": (
        r"""set -e
mkdir -p hello/src repo
cd hello
printf %s '{"name": "hello/sbx", "version": "1.0.0", "autoload": {"psr-4": {"Hello\\": "src/"}}}' > composer.json
echo '<?php namespace Hello; class Sbx { static function say() { return "hello"; } }' > src/Sbx.php
HOME=/work composer archive --quiet --format=zip --dir=../repo --file=hello-1.0.0.0
php -r '$package = json_decode(file_get_contents("composer.json"));
$package->dist = ["type" => "zip", "url" => "https://example.org/hello.zip", "reference" => "1"];
$mirror = ["dist-url" => "/hello-%version%.zip", "preferred" => true];
echo json_encode(["packages" => ["hello/sbx" => ["1.0.0" => $package]], "mirrors" => [$mirror]]);' > ../repo/packages.json""",
        "<?php require 'vendor/autoload.php'; require __DIR__ . '/vendor/autoload.php'; echo Hello\\Sbx::say(), PHP_EOL;",
        "hello/sbx:^1.0",
    ),
    "perl": (
        r"""set -e
mkdir -p hello/lib/Hello repo/modules repo/authors/id/T/TE/TEST
cd hello
echo 'use ExtUtils::MakeMaker; WriteMakefile(NAME => "Hello::Sbx", VERSION => "1.0");' > Makefile.PL
printf 'package Hello::Sbx;\nour $VERSION = "1.0";\nsub say { "hello" }\n1;\n' > lib/Hello/Sbx.pm
(perl Makefile.PL; make manifest; make dist) > /dev/null 2>&1
cd ..
h2xs -A -n Native::Sbx > /dev/null 2>&1
cd Native-Sbx
sed -i 's/^use 5.*//' Makefile.PL
(perl Makefile.PL; make dist) > /dev/null 2>&1
cd ..
mv */*.tar.gz repo/authors/id/T/TE/TEST/
printf '%s\n' 'File: 02packages.details.txt' '' 'Hello::Sbx 1.0 T/TE/TEST/Hello-Sbx-1.0.tar.gz' \
    'Native::Sbx 0.01 T/TE/TEST/Native-Sbx-0.01.tar.gz' | gzip > repo/modules/02packages.details.txt.gz""",
        "use Hello::Sbx; print Hello::Sbx::say(), qq(\\n);",
        "Hello::Sbx@1.0",
    ),
    "lua": (
        "cd repo && HOME=/work luarocks-admin make-manifest .",
        "print(require('hello_sbx').say())",
        "hello_sbx@>= 1.0, < 2",
    ),
}
COMPILED = {"perl": "Native::Sbx", "lua": "native_sbx"}


def make_rock(folder, name, file, text):
    """A rock with its source: LuaRocks itself has nothing in the image to pack one with."""
    modules = f'{name} = "{file}"' if file.endswith(".lua") else f'{name} = {{ "{file}" }}'
    with zipfile.ZipFile(folder / f"{name}-1.0-1.src.rock", "w") as rock:
        rock.writestr(f"{name}-1.0-1.rockspec", f"""package = "{name}"
version = "1.0-1"
source = {{ url = "file://{file}" }}
build = {{ type = "builtin", modules = {{ {modules} }} }}
""")
        rock.writestr(file, text)


def make_repo(sbx, tmp_path, language):
    (tmp_path / "repo").mkdir()
    make_rock(tmp_path / "repo", "hello_sbx", "hello.lua", "return { say = function() return 'hello' end }")
    make_rock(tmp_path / "repo", "native_sbx", "native.c", "int x;")
    given = ["--file", f"{tmp_path}/repo:repo"] if language == "lua" else []
    made = sbx("run", "--lang", language, *given, "--output", f"repo:{tmp_path}", "--", "sh", "-c", MADE[language][0])
    assert made.code == 0, made
    return tmp_path / "repo"


@pytest.mark.parametrize("language", MADE)
def test_an_index_of_ones_own_serves_other_languages(with_names, tmp_path, language):
    _, code, library = MADE[language]
    none = "none/none" if language == "php" else "none"
    with serving(make_repo(with_names, tmp_path, language)) as url:
        config = tmp_path / "config.toml"
        config.write_text(f'[index]\n{language} = "{url}"\n')
        start = ["run", "--config", config, "--lang", language]
        words = [*start, "--with", library, "-c", code]
        permit = {"SBX_EGRESS_PERMIT": "127.0.0.1"}
        assert ran(with_names(*words, env=permit, timeout=120)) == "hello\n"
        missing = with_names(*start, "--with", none, "-c", code, env=permit, timeout=120)
        if language in COMPILED:
            compiled = with_names(*start, "--with", COMPILED[language], "-c", code, env=permit, timeout=120)
            assert compiled.code == 125 and "is in C, and the image has no compiler" in compiled.err, compiled
    assert missing.code == 125 and f"the install of {none} failed" in missing.err and none in missing.err.split("\n", 1)[1]
    assert ran(with_names(*words[:1], "--offline", *words[1:])) == "hello\n"


def test_a_composer_json_beside_the_script_counts_without_its_scripts(with_names, tmp_path):
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "composer.json").write_text(json.dumps({
        "name": "own/project", "scripts": {"post-install-cmd": "exit 1"}, "require": {"php": ">=8", "hello/sbx": "^1"},
        "autoload": {"psr-4": {"Own\\": "src/"}},
    }))  # fmt: skip
    (project / "src" / "Thing.php").write_text("<?php namespace Own; class Thing { const WORD = 'own'; }")
    (project / "x.php").write_text(
        "<?php require __DIR__ . '/vendor/autoload.php'; echo Hello\\Sbx::say(), Own\\Thing::WORD, PHP_EOL;"
    )
    with serving(make_repo(with_names, tmp_path, "php")) as url:
        config = tmp_path / "config.toml"
        config.write_text(f'[index]\nphp = "{url}"\n')
        words = ["run", "--json", "--config", config, "--entry", "x.php", project]
        done = with_names(*words, env={"SBX_EGRESS_PERMIT": "127.0.0.1"}, timeout=120)
    assert (done.code, done.json["stdout"], done.json["files"]) == (0, "helloown\n", []), done
    assert [each["files"] for each in sets(with_names)] == [["composer.json"]]


@pytest.fixture
def with_names(cached, tmp_path):
    """The same for a machine that knows the name of an index on loopback."""
    folder = tmp_path / "names"
    folder.mkdir()
    cached.binary = wrapper_with(folder, cached.binary, {"hosts": f"127.0.0.1 localhost {NAME}\n"})
    return cached


class serving:
    """A directory over HTTP on loopback."""

    def __init__(self, root):
        handler = functools.partial(Quiet, directory=root)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://{NAME}:{self.server.server_address[1]}"

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def make_index(tmp_path, name, files):
    """A package index of Python with one source package."""
    package = tmp_path / "index" / name
    package.mkdir(parents=True)
    archive = package / f"{name}-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for path, text in files.items():
            (tmp_path / path).write_text(text)
            tar.add(tmp_path / path, f"{name}-1.0/{path}")
    (package / "index.html").write_text(f'<a href="{archive.name}">{archive.name}</a>')
    return tmp_path / "index"


# ---- wrong words


@pytest.mark.parametrize(
    "words, expected",
    [
        (["--with", "-r/etc/passwd"], "is not a library of PyPI"),
        (["--with", "https://example.org/a.whl"], "is not a library of PyPI"),
        (["--with", "./here"], "is not a library of PyPI"),
        (["--with", ""], "is not a library of PyPI"),
        (["--requirements", "/no/such.txt"], "cannot read /no/such.txt"),
        (["--requirements", "/tmp"], "cannot read /tmp"),
        (["--lang", "haskell", "--with", "text"], "sbx installs no libraries for haskell"),
    ],
)
def test_wrong_words_are_refused_before_anything_runs(sbx, words, expected):
    done = sbx("run", *words, "-c", "1")
    assert done.code == 125 and expected in done.err and not done.out


def test_a_failed_install_names_the_library_and_shows_the_installers_words(cached):
    done = cached("run", "--json", "--with", "six==0.0.999", "-c", "1", timeout=120)
    error = done.json["error"]
    assert (done.code, done.json["origin"], error["retryable"]) == (125, "sbx", False)
    assert "the install of six==0.0.999 failed" in error["message"]
    assert "No matching distribution found for six==0.0.999" in error["message"]
    assert sets(cached) == []


def test_an_index_at_a_special_address_needs_the_operators_word(with_names, tmp_path):
    with serving(make_index(tmp_path, "spy", SPY_FILES)) as url:
        config = tmp_path / "config.toml"
        config.write_text(f'[index]\npython = "{url}"\n')
        done = with_names("run", "--config", config, "--with", "spy", "-c", "1", timeout=60,
                          env={"SBX_EGRESS_PERMIT": None})  # fmt: skip
    assert done.code == 125 and f"{NAME} is at 127.0.0.1" in done.err and "egress.permit" in done.err, done


# ---- other languages


LANGUAGES = [
    ("javascript", "is-number@7.0.0", "console.log(require('is-number')(5))", "true\n"),
    ("typescript", "is-number@7.0.0", "declare function require(n: string): any\nconsole.log(require('is-number')(5))",
     "true\n"),
    ("go", "github.com/google/uuid@v1.6.0",
     'package main\nimport ("fmt"; "github.com/google/uuid")\nfunc main() { fmt.Println(uuid.Nil) }\n',
     "00000000-0000-0000-0000-000000000000\n"),
    ("rust", "itoa@1", 'fn main() { println!("{}", itoa::Buffer::new().format(7)); }', "7\n"),
]  # fmt: skip


@pytest.mark.parametrize("language, library, code, expected", LANGUAGES, ids=lambda value: str(value)[:12])
def test_other_languages_have_theirs(cached, language, library, code, expected):
    words = ["run", "--lang", language, "--with", library, "-c", code]
    assert ran(cached(*words, timeout=300)) == expected
    assert ran(cached(words[0], "--offline", *words[1:], timeout=120)) == expected


def test_a_module_is_imported_as_well(cached, tmp_path):
    (tmp_path / "x.mjs").write_text("import isNumber from 'is-number'; console.log(isNumber('x'))")
    assert ran(cached("run", "--with", "is-number", tmp_path / "x.mjs", timeout=120)) == "false\n"


def test_a_package_json_beside_the_script_counts_without_its_scripts(cached, tmp_path):
    (tmp_path / "package.json").write_text(json.dumps({
        "type": "module", "scripts": {"postinstall": "exit 1"}, "dependencies": {"is-number": "^7"},
    }))  # fmt: skip
    (tmp_path / "x.js").write_text("import isNumber from 'is-number'; console.log(isNumber(1))")
    assert ran(cached("run", tmp_path / "x.js", timeout=120)) == "true\n"
    assert ran(cached("run", "--entry", "x.js", tmp_path, timeout=120)) == "true\n"
    assert [each["files"] for each in sets(cached)] == [["package.json"]]


def test_a_script_can_do_without_what_its_project_wants(cached, tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module", "dependencies": {"own": "file:../own"}}')
    (tmp_path / "x.js").write_text("console.log(1)")
    done = cached("run", tmp_path / "x.js")
    assert done.code == 125 and "own is not from npm" in done.err and "--no-libraries" in done.err
    assert ran(cached("run", "--no-libraries", tmp_path / "x.js")) == "1\n"
    (tmp_path / "x.py").write_text("# /// script\n# dependencies = ['six']\n# ///\nprint(1)\n")
    assert ran(cached("run", "--no-libraries", tmp_path / "x.py")) == "1\n"
    assert cached("run", "--no-libraries", "--with", "six", tmp_path / "x.py").code == 125
    assert sets(cached) == []


def test_a_go_project_has_its_modules_and_its_packages(cached, tmp_path):
    (tmp_path / "go.mod").write_text("module own\n\ngo 1.21\n\nrequire github.com/google/uuid v1.6.0\n")
    (tmp_path / "go.sum").write_text(
        "github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\n"
        "github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n"
    )
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "part.go").write_text(
        'package part\n\nimport "github.com/google/uuid"\n\nfunc Name() string { return uuid.Nil.String()[:8] }\n'
    )
    (tmp_path / "main.go").write_text('package main\n\nimport "own/part"\n\nfunc main() { println(part.Name()) }\n')
    done = cached("run", "--entry", "main.go", tmp_path, timeout=300)
    assert (done.code, done.err) == (0, "00000000\n")


def test_a_cargo_project_has_its_crates_with_their_features(cached, tmp_path):
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "own"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "1"\n'
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text('fn main() { println!("{}", itoa::Buffer::new().format(7)); }')
    assert ran(cached("run", "--entry", "src/main.rs", tmp_path, timeout=300)) == "7\n"


# ---- sandboxes that stay, and those that wait


def test_a_sandbox_that_stays_keeps_its_libraries(cached):
    cached("create", "--name", "box", "--with", "six==1.16.0", timeout=120)
    assert ran(cached("exec", "box", "--", "python3", "-c", SIX)) == "1.16.0 /opt/sbx\n"
    assert ran(cached("eval", "box", "-c", "import six; print(six.__version__)")) == "1.16.0\n"
    # What a living sandbox uses is not pruned.
    assert cached("cache", "prune", "--yes", sets(cached)[0]["key"]).code == 5
    assert ran(cached("cache", "prune", "--all", "--yes", "-q")) == ""
    assert len(sets(cached)) == 1


def test_a_standby_serves_only_the_set_it_was_warmed_with(cached):
    ran(cached("pool", "warm", "--with", "six==1.16.0", timeout=120))
    assert cached("run", "--json", "-c", "print(1)").json["path"] == "cold"
    other = cached("run", "--json", "--with", "six==1.15.0", "-c", SIX, timeout=120).json
    assert (other["path"], other["stdout"]) == ("cold", "1.15.0 /opt/sbx\n")
    same = cached("run", "--json", "--with", "six==1.16.0", "-c", SIX).json
    assert (same["path"], same["stdout"]) == ("standby", "1.16.0 /opt/sbx\n")


# ---- the cache


def test_the_cache_is_listed_and_pruned(cached):
    ran(cached("run", "--with", "six", "-c", SIX, timeout=120))
    lines = ran(cached("cache", "ls")).splitlines()
    assert lines[0].split() == ["SET", "LANGUAGE", "IMAGE", "SIZE", "UNUSED", "FOR", "LIBRARIES"]
    assert lines[1].split()[1] == "python" and lines[1].endswith("six")
    key = ran(cached("cache", "ls", "-q")).strip()
    assert ran(cached("cache", "prune")) == ""  # used just now
    assert cached("cache", "prune", "zzz").code == 3
    assert eventually(lambda: cached("cache", "prune", "-q", "--yes", key[:8]).out.strip() == key, 10)
    assert sets(cached) == []


def test_a_bundle_carries_sets_to_a_machine_without_a_network(cached, tmp_path):
    ran(cached("run", "--with", "six==1.16.0", "-c", SIX, timeout=120))
    bundle = tmp_path / "libraries.tar"
    key = ran(cached("cache", "export", "-q", bundle)).strip()
    assert eventually(lambda: cached("cache", "prune", "--all", "--yes").code == 0 and not sets(cached), 10)
    assert cached("run", "--offline", "--with", "six==1.16.0", "-c", SIX).code == 125
    assert ran(cached("cache", "import", "-q", bundle)).strip() == key
    assert ran(cached("run", "--offline", "--with", "six==1.16.0", "-c", SIX)) == "1.16.0 /opt/sbx\n"
    assert ran(cached("cache", "import", "-q", bundle)).strip() == key  # once more changes nothing
    assert len(sets(cached)) == 1


def test_a_file_that_is_no_bundle_is_refused_and_nothing_is_exported_of_nothing(cached, tmp_path):
    (tmp_path / "x.tar").write_bytes(b"no bundle" * 1000)
    assert "is no bundle of libraries" in cached("cache", "import", tmp_path / "x.tar").err
    assert cached("cache", "export", tmp_path / "y.tar").code == 3
    assert not (tmp_path / "y.tar").exists()

"""Turns an interpreter that started ahead of its program into `python3 PROGRAM ARGUMENTS`.

The agent starts `python3 PLACEHOLDER` with this file's folder first in PYTHONPATH and a stream socket as descriptor 60.
Site initialisation imports this module, which waits here for a request, makes the interpreter believe that it was
started so, and goes away; CPython then opens and runs the program itself. docs/standby.md says how and what differs.

The hook says `+` when it is ready (`-`: ready, but every request will be served by a new interpreter), and reads

    LENGTH NUL body                      LENGTH: of the body in bytes, decimal, at most 1048576
    body: CWD NUL ARGC NUL (argument NUL)... ENVC NUL (NAME=VALUE NUL)...

with decimal counts; the environment is all that the program shall have. The answer is `+` (this interpreter runs the
program) or `-` (a new one does) followed by end of file, or `!ERRNO` followed by exit code 127 when there will be no
program. End of file instead of a request ends the process with 0.

Only modules that every interpreter has anyway are imported here, and whatever can fail is done before the answer.
"""
import posix
import sys

SOCKET = 60
PLACEHOLDER = "/.sbx/standby/"  # and random letters and digits, as many as a path or code may need
MAX_REQUEST = 1 << 20
CHUNK = 1 << 16
Record = type(sys.implementation)  # classes of our own would be garbage that only a collection frees
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: of a type that was made at run time
CONFIG_BYTES = 1024  # more than a PyConfig has before its run_* members

# What CPython, libc and the dynamic linker read while they start, so that a different value needs a new process.
START_PREFIXES = (b"PYTHON", b"LD_", b"LC_", b"MALLOC_", b"GLIBC_")
START_NAMES = (b"LANG", b"HOME", b"TZ", b"TZDIR", b"LOCPATH", b"GCONV_PATH")


# -- The process as it started ----------------------------------------------------------------------------------------

def read_file(path):
    file = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        parts = [posix.read(file, CHUNK)]
        while parts[-1]:
            parts.append(posix.read(file, CHUNK))
        return b"".join(parts)
    finally:
        posix.close(file)


def started_as_standby():
    command = read_file("/proc/self/cmdline").split(b"\0")
    return len(command) == 3 and command[1].startswith(PLACEHOLDER.encode())


def leave_the_path(folder):
    """Before anything is looked up, so that later searches are those of an interpreter that never had our folder."""
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    sys.path_importer_cache.pop(folder, None)


def start_settings(environment, folder=None):
    """What of an environment counts only while an interpreter starts."""
    settings = {name: value for name, value in environment.items()
                if name in START_NAMES or name.startswith(START_PREFIXES)}
    paths = settings.pop(b"PYTHONPATH", b"").split(b":")
    if paths[0] == folder:
        del paths[0]
    settings[b"PYTHONPATH"] = b":".join(paths)
    return settings


def user_site_state():
    """Changes when a program's files bring a user site folder, which site had to find first."""
    site = sys.modules["site"]
    try:
        state = posix.stat(site.USER_SITE) if site.ENABLE_USER_SITE else None
    except OSError:
        return None
    return state and (state.st_dev, state.st_ino, state.st_mtime_ns)


# -- Finding the configuration in memory ------------------------------------------------------------------------------

def expect(condition, what):
    """Fails when this interpreter is not built as we know it, or cannot become what is asked for."""
    if not condition:
        raise ValueError(what)


def wide(text):
    """A wchar_t string. The codec "utf-32" is built in, "utf-32-le" would import a module; the first word is a BOM."""
    return text.encode("utf-32", "surrogatepass")[4:] + bytes(4)


def word(data, offset=0):
    return int.from_bytes(data[offset:offset + 8], "little")


def open_memory():
    memory = Record(file=posix.open("/proc/self/mem", posix.O_RDWR | posix.O_CLOEXEC), ranges=[])
    for line in read_file("/proc/self/maps").splitlines():
        addresses, access = line.split()[:2]
        if access == b"rw-p":
            memory.ranges.append(tuple(int(address, 16) for address in addresses.split(b"-")))
    return memory


def read(memory, address, size):
    return posix.pread(memory.file, size, address)


def write(memory, address, data):
    posix.pwrite(memory.file, data, address)


def read_into(memory, start, end, buffer):
    size = min(len(buffer), end - start)
    with memoryview(buffer) as whole, whole[:size] as part:
        count = posix.preadv(memory.file, [part], start)
    expect(count == size, "memory that cannot be read")
    return count


def find(memory, patterns, buffer):
    """Where any of the patterns is. What lies in our own buffer may be among it: the caller has to look again.
    Most of memory is zeros, and the search is fast only when a pattern does not end with one."""
    found = set()
    overlap = max(len(pattern) for pattern in patterns) - 1
    for start, end in memory.ranges:
        while start < end:
            count = read_into(memory, start, end, buffer)
            for pattern in patterns:
                at = buffer.find(pattern, 0, count)
                while at >= 0:
                    found.add(start + at)
                    at = buffer.find(pattern, at + 1, count)
            start += count
            if start < end:
                start -= overlap
    return found


def find_target(placeholder):
    """Where this interpreter keeps the name of its main script."""
    expect(sys.implementation.name == "cpython" and sys.version_info >= (3, 8), "no PyConfig")
    expect(sys.byteorder == "little" and sys.maxsize == 2**63 - 1, "not 64 bits, little endian")
    target = Record(memory=open_memory(), capacity=len(placeholder))
    find_configuration(target, wide(placeholder))
    find_title(target)
    return target


def find_configuration(target, name):
    """PyConfig.run_filename is a pointer to a copy of the placeholder after two null pointers, run_command and
    run_module. Stacks and memory that was freed may hold the like, but without the lists that a PyConfig has."""
    memory = target.memory
    buffer = bytearray(CHUNK)
    copies = {at for at in find(memory, [name[:61]], buffer) if read(memory, at, len(name)) == name}
    expect(copies, "no copy of the name")
    pointers = find(memory, [at.to_bytes(8, "little").rstrip(b"\0") for at in copies], buffer)
    buffer[:] = bytes(CHUNK)  # it held copies of what was found
    form = [bytes(16) + at.to_bytes(8, "little") for at in copies]
    found = []
    for field in pointers:
        if field % 8 == 0 and read(memory, field - 16, 24) in form:
            texts = [word(read(memory, field, 8))] + find_arguments(memory, field, copies)
            if len(texts) == 2 + hasattr(sys, "orig_argv") == len(set(texts)):
                found.append((field, texts[0], texts[1]))
    expect(len(found) == 1, "%d configurations" % len(found))
    target.field, target.text, target.argv0 = found[0]


def find_arguments(memory, field, copies):
    """The copies of the placeholder in PyConfig.argv, which has one argument, and in orig_argv, which has two. Both
    are {length, items}, before run_filename in the same structure."""
    try:
        data = read(memory, field - CONFIG_BYTES, CONFIG_BYTES)
    except OSError:
        return []
    lists = {1: [], 2: []}
    for offset in range(0, CONFIG_BYTES - 8, 8):
        length, items = word(data, offset), word(data, offset + 8)
        if length in lists and items % 8 == 0 and any(start <= items < end for start, end in memory.ranges):
            last = word(read(memory, items, 8 * length), 8 * (length - 1))
            if last in copies:
                lists[length].append(last)
    return lists[1] + lists[2] if len(lists[1]) == 1 else []


def find_title(target):
    """The bytes that /proc/self/cmdline shows."""
    fields = read_file("/proc/self/stat").rpartition(b")")[2].split()
    target.title, end = int(fields[45]), int(fields[46])
    target.title_size = end - target.title
    shown = read_file("/proc/self/cmdline")
    expect(read(target.memory, target.title, target.title_size) == shown, "no command line")


def retarget(target, run, argv):
    """Makes CPython read the request's run_* member, and compute sys.path[0] from the request's argv[0]."""
    memory = target.memory
    write(memory, target.text, wide(run.text))
    write(memory, target.argv0, wide(run.argv[0]))
    write(memory, target.field - 16, b"".join((target.text if kind == run.kind else 0).to_bytes(8, "little")
                                              for kind in ("command", "module", "file")))
    # A last byte that is not NUL tells the kernel that this is a title, which ends at its first NUL.
    write(memory, target.title, b" ".join(argv)[:target.title_size - 2] + b"\0")
    write(memory, target.title + target.title_size - 1, b"\1")
    posix.close(memory.file)


# -- The request ------------------------------------------------------------------------------------------------------

def receive():
    """The body of a request; empty when there will be none."""
    try:
        data = posix.read(SOCKET, 8192)
    except ConnectionResetError:  # the agent went without having read what it was told
        data = b""
    if not data:
        return data
    while True:
        size, end, body = data.partition(b"\0")
        expect(len(size) <= 7 and (not end or size.isdigit() and int(size) <= MAX_REQUEST), "size")
        if end and len(body) >= int(size):
            return body
        more = posix.read(SOCKET, CHUNK)
        expect(more, "end of file in a request")
        data += more


def parse(body):
    fields = body.split(b"\0")
    argc = int(fields[1])
    entries = fields[3 + argc:-1]
    expect(argc > 0 and len(entries) == int(fields[2 + argc]) and not fields[-1], "counts")
    expect(all(entry.find(b"=") > 0 for entry in entries), "environment")
    return Record(cwd=fields[0], argv=fields[2:2 + argc], entries=entries)


def variables(request):
    """Of a name that is there twice, the first counts."""
    environment = {}
    for entry in request.entries:
        name, _, value = entry.partition(b"=")
        environment.setdefault(name, value)
    return environment


def answer(text):
    try:
        posix.write(SOCKET, text)
    except OSError:
        pass  # nobody listens: the program runs all the same


def refuse(error):
    answer(b"!%d" % error)
    posix._exit(127)


# -- Serving it in this interpreter -----------------------------------------------------------------------------------

def plan(request):
    """The request as CPython's own configuration: the string of the run_* member that is set, and sys.argv."""
    arguments = [argument.decode("utf-8", "surrogateescape") for argument in request.argv]
    run = Record(orig_argv=arguments, argv=arguments[1:], kind="file")
    option = run.argv[0] if run.argv else ""
    if option == "-":
        run.kind, run.text = "stdin", ""
    elif option in ("-c", "-m"):
        expect(len(run.argv) > 1, "an option without its argument")
        run.kind, run.text = ("command", run.argv[1] + "\n") if option == "-c" else ("module", run.argv[1])
        del run.argv[1]
    else:
        expect(option and not option.startswith("-"), "options of the interpreter")
        run.text = main_file(option)
    return run


def main_file(path):
    """__main__.__file__, as CPython makes it since 3.9."""
    if sys.version_info < (3, 9) or path.startswith("/"):
        return path
    return posix.getcwd() + "/" + path


def prepare(folder):
    """What this interpreter was started with, and what can be done before a request comes."""
    program, placeholder = read_file("/proc/self/cmdline").split(b"\0")[:2]
    interpreter = Record(program=program, settings=start_settings(posix.environ, folder.encode()),
                         path=posix.environ.get(b"PATH"), cwd=posix.getcwdb(), user_site=user_site_state())
    interpreter.target = find_target(placeholder.decode())
    interpreter.entries = take_own_variables(interpreter.settings[b"PYTHONPATH"])
    warm_up()
    interpreter.own_modules = find_own_modules(interpreter.settings[b"PYTHONPATH"])
    spare_collections()
    return interpreter


def take_own_variables(python_path):
    """Makes the environment the one that the program will have in all likelihood, and lists it as a request does."""
    wanted = dict(posix.environ)
    wanted.pop(b"SBX_PRELOAD", None)
    if python_path:
        wanted[b"PYTHONPATH"] = python_path
    else:
        wanted.pop(b"PYTHONPATH", None)
    set_environment(wanted)
    return [name + b"=" + value for name, value in wanted.items()]


def warm_up():
    """Does once what comes after a request: the folders in which site will look are listed, the parser's pages are
    mapped. Not with compile(), which would leave the types of `ast` behind."""
    finder = sys.modules["_frozen_importlib_external"].PathFinder
    if finder in sys.meta_path:
        finder.find_spec("sitecustomize")
        if sys.modules["site"].ENABLE_USER_SITE:
            finder.find_spec("usercustomize")
    exec("None", {})


def find_own_modules(python_path):
    """The image's own sitecustomize and the user's usercustomize: what finds them, or None where there is none. Nothing
    when a program's files may change that, or where folders of PYTHONPATH do, which need not be the image's."""
    if python_path or any(posix.access(entry or ".", posix.W_OK) for entry in sys.path):
        return ()
    find = sys.modules["_frozen_importlib"]._find_spec
    return find("sitecustomize", None), find("usercustomize", None)


def spare_collections():
    """Most of what a short program's end costs is looking for garbage among what was there before the program. The
    collector no longer looks there, but at the program's global names, which are then those of a new module."""
    is_new = "gc" not in sys.modules
    collector = __import__("gc")
    keep_static_types(collector)
    collector.freeze()
    if is_new:
        del sys.modules["gc"]
        collector.__dict__.clear()  # a module and its functions are a cycle
    main = type(sys)("__main__")
    main.__dict__.update(sys.modules["__main__"].__dict__)
    sys.modules["__main__"] = main


def keep_static_types(collector):
    """An interpreter's end frees the members of compiled-in types one by one, though programs cannot add any (but
    through gc.get_referents). One reference more to each dictionary spares that."""
    types = {id(object): object}
    waiting = [object]
    while waiting:
        for one in type.__subclasses__(waiting.pop()):
            if id(one) not in types:
                types[id(one)] = one
                waiting.append(one)
    flags = type.__dict__["__flags__"].__get__  # whatever its metaclass makes of that
    kept = collector.get_referents(*[vars(one) for one in types.values() if not flags(one) & HEAP_TYPE])
    kept.append(kept)  # a cycle, and frozen: nothing finds it


def has_new_folders():
    """This interpreter would not look into those that were not there."""
    return any(finder is None and posix.access(path, posix.F_OK) for path, finder in sys.path_importer_cache.items())


def check(interpreter, request):
    """Whether a fresh interpreter would have started as this one did."""
    expect(request.argv[0] == interpreter.program, "another interpreter")
    if request.entries != interpreter.entries:
        environment = variables(request)
        expect(start_settings(environment) == interpreter.settings, "settings of a starting interpreter")
        expect(environment.get(b"PATH") == interpreter.path, "another PATH")  # sys.executable comes from it
    if interpreter.settings[b"PYTHONPATH"]:
        expect(posix.getcwdb() == interpreter.cwd, "PYTHONPATH in another folder")
        expect(not has_new_folders(), "a folder of PYTHONPATH that was not there")
    expect(user_site_state() == interpreter.user_site, "a user site folder")
    expect(sys.getfilesystemencoding() == "utf-8", "another encoding of names")


def become(interpreter, request):
    """Nothing is changed before everything that may fail was done."""
    check(interpreter, request)
    run = plan(request)
    expect(max(len(run.text), len(run.argv[0])) <= interpreter.target.capacity, "a text that is too long")
    if request.entries != interpreter.entries:
        set_environment(variables(request))
    if run.kind == "file" and interpreter.own_modules == (None, None) and len(sys.path_hooks) == 2:
        rule_out_archive(run.text)
    retarget(interpreter.target, run, request.argv)
    sys.argv[:] = run.argv
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = run.orig_argv


def rule_out_archive(path):
    """CPython asks first whether the program is a folder or an archive of modules (of these are its two path hooks).
    Its own answer, where it is neither, is the same None, found with much more work."""
    try:
        status = posix.stat(path)
        if status.st_mode & 0o170000 != 0o100000 or not 0 < status.st_size < CHUNK:
            return
        file = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
        try:
            text = posix.read(file, CHUNK)  # once: files of the kernel's have other sizes than they say
        finally:
            posix.close(file)
        if len(text) == status.st_size and b"PK\5\6" not in text:
            sys.path_importer_cache[path] = None
    except OSError:
        pass  # CPython will say so


def set_environment(wanted):
    """posix.environ is what os.environ holds. Children inherit C's, whose order they can see."""
    environ = posix.environ
    for name in [name for name in environ if name not in wanted]:
        posix.unsetenv(name)
        del environ[name]
    if list(environ.items()) == list(wanted.items()):
        return
    for name in environ:
        posix.unsetenv(name)
    environ.clear()
    for name, value in wanted.items():
        posix.putenv(name, value)
        environ[name] = value


def forget_peak_memory():
    """The program's peak resident memory counts from here."""
    try:
        file = posix.open("/proc/self/clear_refs", posix.O_WRONLY | posix.O_CLOEXEC)
        posix.write(file, b"5")
        posix.close(file)
    except OSError:
        pass


def start_anew(request):
    """Right whatever is asked for. Signals that CPython ignores would stay ignored in the new program."""
    import _signal
    for name in ("SIGPIPE", "SIGXFSZ"):
        _signal.signal(getattr(_signal, name), _signal.SIG_DFL)
    answer(b"-")
    program, environment = request.argv[0], variables(request)
    folders = environment.get(b"PATH", b"/usr/local/bin:/usr/bin:/bin").split(b":")
    failure = 2  # ENOENT
    for folder in [b""] if b"/" in program else folders:
        try:
            posix.execve(folder + b"/" + program if folder else program, request.argv, environment)
        except OSError as error:
            if error.errno not in (2, 20):  # ENOENT, ENOTDIR
                failure = error.errno
    refuse(failure)


def serve(interpreter):
    """Returns when this interpreter is to run the program."""
    forget_peak_memory()
    answer(b"+" if interpreter else b"-")
    try:
        body = receive()
        if not body:
            posix._exit(0)
        request = parse(body)
    except (ValueError, IndexError):
        refuse(22)  # EINVAL
    try:
        posix.chdir(request.cwd)
    except OSError as error:
        refuse(error.errno)
    try:
        become(interpreter, request)
    except Exception:
        start_anew(request)
    answer(b"+")
    posix.close(SOCKET)


def import_ahead():
    """What a template preloads. Of a module that cannot be imported the program finds out itself."""
    for name in posix.environ.get(b"SBX_PRELOAD", b"").decode().split(","):
        try:
            name and __import__(name)
        except Exception:
            pass


def wait_for_request(folder):
    """What it found out about the image's own modules."""
    posix.set_inheritable(SOCKET, False)
    import_ahead()
    try:
        interpreter = prepare(folder)
    except Exception:
        interpreter = None
    serve(interpreter)
    return interpreter.own_modules


def make_way(found):
    """Imports what the interpreter would have imported here: the image's own module, or nothing, which is the same
    ImportError. This module's functions and names stay where nothing leads to them: freeing them would take time."""
    del sys.modules["sitecustomize"]
    if not found:
        import sitecustomize
    elif found[0]:
        sys.modules["_frozen_importlib"]._load(found[0])
    else:
        if not found[1]:
            pass_over_user_module()
        raise ModuleNotFoundError("No module named 'sitecustomize'", name="sitecustomize")


def pass_over_user_module():
    """What site does next is to look for usercustomize, of which is known that it is not there."""
    site = sys.modules["site"]
    whole = site.execusercustomize

    def execusercustomize():
        site.execusercustomize = whole

    if site.ENABLE_USER_SITE:
        site.execusercustomize = execusercustomize


leave_the_path(__file__.rpartition("/")[0])
make_way(wait_for_request(__file__.rpartition("/")[0]) if started_as_standby() else ())

"""Turns an interpreter that started ahead of its program into `python3 PROGRAM ARGUMENTS`.

The agent starts `python3 PLACEHOLDER` with this file's folder first in PYTHONPATH and a stream socket as descriptor 3.
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

SOCKET = 3
PLACEHOLDER = "/.sbx/standby/"  # and random letters and digits, as many as a path or code may need
MAX_REQUEST = 1 << 20
CHUNK = 1 << 16
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

class Unexpected(Exception):
    """This interpreter is not built as we know it; a new one has to run the program."""


def expect(condition, what):
    if not condition:
        raise Unexpected(what)


def wide(text):
    """A wchar_t string. The codec "utf-32" is built in, "utf-32-le" would import a module; the first word is a BOM."""
    return text.encode("utf-32", "surrogatepass")[4:] + bytes(4)


def word(data, offset=0):
    return int.from_bytes(data[offset:offset + 8], "little")


def writable_ranges():
    ranges = []
    for line in read_file("/proc/self/maps").splitlines():
        addresses, access = line.split()[:2]
        if access == b"rw-p":
            ranges.append(tuple(int(address, 16) for address in addresses.split(b"-")))
    return ranges


class Memory:
    """This process's memory, through a descriptor."""

    def __init__(self):
        self.file = posix.open("/proc/self/mem", posix.O_RDWR | posix.O_CLOEXEC)
        self.ranges = writable_ranges()

    def read(self, address, size):
        return posix.pread(self.file, size, address)

    def write(self, address, data):
        written = posix.pwrite(self.file, data, address)
        expect(written == len(data), "short write")

    def holds(self, address):
        return any(start <= address < end for start, end in self.ranges)

    def close(self):
        posix.close(self.file)

    def find(self, patterns, buffer):
        """Where the patterns are. What lies in our own buffer is found too: the caller asks again, see `confirmed`."""
        found = set()
        overlap = max(len(pattern) for pattern in patterns) - 1
        for start, end in self.ranges:
            while start < end:
                count = self.read_into(start, end, buffer)
                for pattern in patterns:
                    at = buffer.find(pattern, 0, count)
                    while at >= 0:
                        found.add(start + at)
                        at = buffer.find(pattern, at + 1, count)
                start += count
                if start < end:
                    start -= overlap
        return found

    def read_into(self, start, end, buffer):
        size = min(len(buffer), end - start)
        with memoryview(buffer) as whole, whole[:size] as part:
            count = posix.preadv(self.file, [part], start)
        expect(count == size, "memory that cannot be read")
        return count


class Target:
    """Where this interpreter keeps the name of its main script."""

    def __init__(self, placeholder):
        expect(sys.implementation.name == "cpython" and sys.version_info >= (3, 8), "no PyConfig")
        expect(sys.byteorder == "little" and sys.maxsize == 2**63 - 1, "not 64 bits, little endian")
        self.memory = Memory()
        self.capacity = len(placeholder)
        self.find_configuration(wide(placeholder))
        self.find_lists()
        self.find_title()

    def find_configuration(self, name):
        """PyConfig.run_filename: the one pointer to a copy of the placeholder after two null pointers, run_command
        and run_module. Memory that was freed may hold more copies of the name, but nothing of that form."""
        memory = self.memory
        buffer = bytearray(CHUNK)
        copies = memory.find([name[:64]], buffer)
        self.copies = {at for at in copies if memory.read(at, len(name)) == name}
        expect(self.copies, "no copy of the name")
        pointers = memory.find([at.to_bytes(8, "little") for at in self.copies], buffer)
        buffer[:] = bytes(CHUNK)
        fields = [at for at in pointers if at % 8 == 0 and self.is_run_filename(at)]
        expect(len(fields) == 1, "%d configurations" % len(fields))
        self.field = fields[0]
        self.name = word(memory.read(self.field, 8))

    def is_run_filename(self, address):
        words = self.memory.read(address - 16, 24)
        return words[:16] == bytes(16) and word(words, 16) in self.copies

    def find_lists(self):
        """PyConfig.argv and orig_argv, {length, items}, are before run_filename in the same structure."""
        data = self.memory.read(self.field - CONFIG_BYTES, CONFIG_BYTES)
        lists = {1: [], 2: []}
        for offset in range(0, CONFIG_BYTES - 8, 8):
            length, items = word(data, offset), word(data, offset + 8)
            if length in lists and items % 8 == 0 and self.memory.holds(items):
                last = word(self.memory.read(items, 8 * length), 8 * (length - 1))
                if last in self.copies:
                    lists[length].append(last)
        expect(len(lists[1]) == 1, "%d lists of arguments" % len(lists[1]))
        expect(len(lists[2]) == hasattr(sys, "orig_argv"), "%d lists of original arguments" % len(lists[2]))
        self.argv0 = lists[1][0]
        used = [self.name] + lists[1] + lists[2]
        expect(len(set(used)) == len(used), "strings that are shared")

    def find_title(self):
        """The bytes that /proc/self/cmdline shows."""
        fields = read_file("/proc/self/stat").rpartition(b")")[2].split()
        self.title, end = int(fields[45]), int(fields[46])
        self.title_size = end - self.title
        expect(self.memory.read(self.title, self.title_size) == read_file("/proc/self/cmdline"), "no command line")

    def write(self, run):
        """From here on nothing may fail: this was tried out with the same addresses when they were found."""
        write = self.memory.write
        write(self.name, wide(run.text))
        write(self.argv0, wide(run.argv[0]))
        write(self.field - 16, b"".join((self.name if kind == run.kind else 0).to_bytes(8, "little")
                                        for kind in ("command", "module", "file")))
        # A last byte that is not NUL tells the kernel that this is a title, which ends at its first NUL.
        title = b" ".join(run.request.argv)[:self.title_size - 2]
        write(self.title, title + bytes(self.title_size - len(title) - 1) + b"\1")
        self.memory.close()


# -- The request ------------------------------------------------------------------------------------------------------

class Request:
    def __init__(self, body):
        fields = body.split(b"\0")
        self.cwd = fields[0]
        argc = int(fields[1])
        self.argv = fields[2:2 + argc]
        self.env = fields[3 + argc:-1]
        if argc < 1 or len(self.env) != int(fields[2 + argc]) or fields[-1]:
            raise ValueError("counts")
        self.environment = {}
        for entry in self.env:
            name, equals, value = entry.partition(b"=")
            if not name or not equals:
                raise ValueError("environment")
            self.environment.setdefault(name, value)


def receive():
    """The body of a request; empty when there will be none."""
    data = posix.read(SOCKET, 8192)
    if not data:
        return data
    while True:
        size, end, body = data.partition(b"\0")
        if end and int(size) > MAX_REQUEST or len(size) > 7:
            raise ValueError("size")
        if end and len(body) >= int(size):
            return body[:int(size)]
        more = posix.read(SOCKET, CHUNK)
        if not more:
            raise EOFError
        data += more


def answer(text):
    try:
        posix.write(SOCKET, text)
    except OSError:
        pass  # nobody listens: the program runs all the same


def refuse(error):
    answer(b"!%d" % error)
    posix._exit(127)


# -- Serving it -------------------------------------------------------------------------------------------------------

class Run:
    """A request as this interpreter's own options: the string of the run_* member that it is, and sys.argv."""

    def __init__(self, request):
        decode = [argument.decode("utf-8", "surrogateescape") for argument in request.argv]
        self.request = request
        self.orig_argv = decode
        self.argv = decode[1:]
        option = self.argv[0] if self.argv else None
        if option in ("-c", "-m"):
            expect(len(self.argv) > 1, "an option without its argument")
            self.text = self.argv.pop(1)
            self.kind = "command" if option == "-c" else "module"
            if option == "-c":
                self.text += "\n"
        elif option == "-":
            self.kind, self.text = "stdin", ""
        else:
            expect(option and not option.startswith("-"), "options of the interpreter")
            self.kind, self.text = "file", absolute(option, request.cwd.decode("utf-8", "surrogateescape"))


def absolute(path, cwd):
    """__main__.__file__, as CPython makes it since 3.9."""
    if sys.version_info < (3, 9) or path.startswith("/"):
        return path
    if path.startswith("./"):
        path = path[2:]
    return cwd.rstrip("/") + "/" + path


class Interpreter:
    """What this one was started with, and whether it can still become what is asked for."""

    def __init__(self, folder):
        placeholder = read_file("/proc/self/cmdline").split(b"\0")[1].decode()
        self.program = read_file("/proc/self/cmdline").split(b"\0")[0]
        self.settings = start_settings(posix.environ, folder.encode())
        self.path = posix.environ.get(b"PATH")
        self.user_site = user_site_state()
        self.target = Target(placeholder)
        self.warm_up()

    def warm_up(self):
        """Touches what every program needs: folders are listed once, pages of the parser are mapped."""
        for finder in sys.meta_path:
            finder.find_spec("sitecustomize", None)
        compile("print(1)\n", "", "exec")

    def check(self, request):
        environment = request.environment
        expect(request.argv[0] == self.program, "another interpreter")
        expect(start_settings(environment) == self.settings, "settings of a starting interpreter")
        expect(not self.settings[b"PYTHONPATH"] or posix.getcwdb() == request.cwd, "PYTHONPATH in another folder")
        expect(environment.get(b"PATH") == self.path, "another PATH")
        expect(user_site_state() == self.user_site, "a user site folder")
        expect(sys.getfilesystemencoding() == "utf-8", "another encoding of names")

    def become(self, request):
        self.check(request)
        run = Run(request)
        expect(max(len(run.text), len(run.argv[0])) <= self.target.capacity, "a text that is too long")
        wide(run.text)
        set_environment(request)
        self.target.write(run)
        sys.argv[:] = run.argv
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[:] = run.orig_argv


def set_environment(request):
    """posix.environ is what os.environ holds. Children inherit C's, whose order they can see."""
    environ = posix.environ
    for name in [name for name in environ if name not in request.environment]:
        posix.unsetenv(name)
        del environ[name]
    if list(environ.items()) == list(request.environment.items()):
        return
    for name in environ:
        posix.unsetenv(name)
    environ.clear()
    for name, value in request.environment.items():
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
    program = request.argv[0]
    folders = [b""] if b"/" in program else request.environment.get(b"PATH", b"/usr/local/bin:/usr/bin:/bin").split(b":")
    failure = 2  # ENOENT
    for folder in folders:
        try:
            posix.execve(folder + b"/" + program if folder else program, request.argv, request.environment)
        except OSError as error:
            if error.errno not in (2, 20):  # ENOENT, ENOTDIR
                failure = error.errno
    refuse(failure)


def serve(interpreter):
    """Returns when this interpreter is to run the program."""
    answer(b"+" if interpreter else b"-")
    try:
        body = receive()
        if not body:
            posix._exit(0)
        request = Request(body)
    except (ValueError, IndexError, EOFError):
        refuse(22)  # EINVAL
    try:
        posix.chdir(request.cwd)
    except OSError as error:
        refuse(error.errno)
    forget_peak_memory()
    try:
        expect(interpreter, "unknown interpreter")
        interpreter.become(request)
    except Exception:
        start_anew(request)
    answer(b"+")
    posix.close(SOCKET)


def prepare(folder):
    try:
        return Interpreter(folder)
    except Exception:
        return None


def standby(folder):
    leave_the_path(folder)
    posix.set_inheritable(SOCKET, False)
    serve(prepare(folder))


if started_as_standby():
    standby(__file__.rpartition("/")[0])

# What the interpreter would have imported here: the image's own module, or nothing, which is the same ImportError.
# The names go first: functions and their globals are a cycle that the program's gc.collect() would count.
del sys.modules["sitecustomize"]
globals().clear()
import sitecustomize

<?php
// The PHP kernel: runs cells at the top level and answers on channels 3 and 4 (docs/kernels.md).

/** SIGINT, where the code is. No `catch (Exception)` takes it. */
final class SbxInterrupted extends Error {}
final class SbxExit extends Error {}
final class SbxProtocolError extends Exception {}

/** A cell as a file: `include 'cell://1'`. So errors name it, and its line. */
final class SbxCell
{
    public $context;
    public static array $sources = [];
    private int $at = 0;
    private string $code;

    public function stream_open(string $path): bool
    {
        $this->code = SbxKernel::$compiled;
        return $path === 'cell://' . SbxKernel::$count;
    }

    public function stream_read(int $count): string
    {
        $piece = substr($this->code, $this->at, $count);
        $this->at += strlen($piece);
        return $piece;
    }

    public function stream_eof(): bool { return $this->at >= strlen($this->code); }
    public function stream_stat(): array { return []; }
    public function stream_set_option(): bool { return false; }
}

final class SbxKernel
{
    private const OWNER_GONE = 70;
    private const TEXT_CAP = 1 << 20;
    private const TRACEBACK_CAP = 256 << 10;
    private const VALUE_CAP = 64 << 10;
    private const VARIABLES = 500;
    private const MATCHES = 500;
    private const REPR = 200;
    private const STATEMENTS = [T_PRINT, T_INCLUDE, T_INCLUDE_ONCE, T_REQUIRE, T_REQUIRE_ONCE];
    private const SUPERGLOBALS = ['_GET', '_POST', '_COOKIE', '_FILES', '_SERVER', '_ENV', '_REQUEST', '_SESSION', 'GLOBALS', 'argv', 'argc'];

    public static int $count = 0;
    public static string $compiled = '';
    private static $requests;
    private static $answers;
    private static ?FFI $libc = null;
    private static int $process;
    private static int $ownStdin = -1;
    private static ?string $id = null;
    private static bool $hasValue = false;
    private static bool $running = false;

    // ---- Channels

    public static function start(): void
    {
        ini_set('display_errors', 'stderr');
        ini_set('log_errors', '0');
        ini_set('html_errors', '0');
        ini_set('default_socket_timeout', '-1'); // requests may be far between
        self::$requests = fopen('php://fd/3', 'r');
        self::$answers = fopen('php://fd/4', 'w');
        ini_restore('default_socket_timeout');
        stream_wrapper_register('cell', SbxCell::class);
        self::$process = getmypid();
        $GLOBALS['argv'] = $_SERVER['argv'] = [''];
        $GLOBALS['argc'] = $_SERVER['argc'] = 1;
        if (function_exists('pcntl_async_signals')) pcntl_async_signals(true);
        if (!class_exists('FFI', false)) return;
        self::$libc = FFI::cdef('int dup2(int, int); int fcntl(int, int, ...); int open(const char*, int, ...);');
        // No program that a cell starts inherits them.
        foreach (scandir('/proc/self/fd') as $number) if ($number >= 3) self::$libc->fcntl((int) $number, 2, 1);
        self::$ownStdin = self::$libc->fcntl(0, 1030, 100); // a copy, not inherited either
    }

    private static function say(string $type, array $fields): void
    {
        $flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION;
        $line = json_encode(['type' => $type, 'id' => self::$id] + $fields, $flags) . "\n";
        for ($done = 0; $done < strlen($line); $done += $written) {
            $written = @fwrite(self::$answers, $done ? substr($line, $done) : $line);
            if (!$written) self::leave(self::OWNER_GONE);
        }
    }

    /** Ends the process; a cell's `exit` does not come here. */
    private static function leave(int $code): never
    {
        exit($code);
    }

    /** @param $left  the code that the cell's `exit` gave */
    private static function done(string $status, ?int $left = null): void
    {
        $exit = $left === null ? [] : ['exit_code' => $left];
        self::say('done', ['status' => $status, 'execution_count' => self::$count] + $exit);
    }

    // ---- Requests

    /** Answers requests until one is a cell, which is ready to be included then; false at the end. */
    public static function next(): bool
    {
        while (($line = fgets(self::$requests)) !== false) {
            if ($line === "\n") continue;
            self::$id = null;
            $status = 'ok';
            try {
                $request = self::parsed($line);
                self::$id = $request['id'] ?? null;
                if (self::answer($request)) return true;
            } catch (SbxProtocolError $error) {
                $text = $error->getMessage();
                self::say('error', ['name' => 'ProtocolError', 'value' => $text, 'traceback' => "$text\n", 'frames' => []]);
                $status = 'error';
            } catch (SbxInterrupted) {
                $status = 'interrupted';
            } catch (Throwable $error) {
                self::say('error', self::described($error));
                $status = 'error';
            }
            self::$running = false;
            self::done($status);
            if (($request['type'] ?? '') === 'shutdown') return false;
        }
        return false;
    }

    private static function parsed(string $line): array
    {
        $request = json_decode($line, true, 100);
        if ($request === null) throw new SbxProtocolError('not JSON: ' . json_last_error_msg());
        if (!is_array($request) || !is_string($request['type'] ?? null)) throw new SbxProtocolError('not a request: no type');
        $id = $request['id'] ?? null;
        if ($id !== null && !(is_string($id) && strlen($id) <= 128)) throw new SbxProtocolError("not a request: the id isn't a short string");
        return $request;
    }

    /** Whether it is a cell. */
    private static function answer(array $request): bool
    {
        $code = $request['code'] ?? null;
        if (in_array($request['type'], ['execute', 'complete', 'is_complete'], true) && !is_string($code))
            throw new SbxProtocolError("not a request: code isn't a string");
        switch ($request['type']) {
            case 'execute':
                self::$count++;
                SbxCell::$sources['cell://' . self::$count] = explode("\n", $code);
                self::giveStdin($request['stdin'] ?? null);
                self::$compiled = self::compiled($code);
                if (function_exists('pcntl_signal')) pcntl_signal(SIGINT, self::interrupt(...));
                self::$running = true;
                return true;
            case 'variables':
                self::variables();
                return false;
            case 'complete':
                self::complete($code, $request['cursor'] ?? null);
                return false;
            case 'is_complete':
                self::say('completeness', ['status' => self::completeness($code), 'indent' => '']);
                return false;
            case 'shutdown':
            case 'input': // nobody waits for a line
                return false;
        }
        throw new SbxProtocolError('no such request: ' . substr($request['type'], 0, 100));
    }

    /** What comes when nothing runs is ignored. */
    private static function interrupt(): void
    {
        if (self::$running && getmypid() === self::$process) throw new SbxInterrupted();
    }

    /** After a cell: `$value` is what it returned. */
    public static function finish(mixed $value): void
    {
        $shown = self::$hasValue && $value !== null ? self::bundle($value) : null;
        self::end();
        if ($shown) self::say('result', $shown);
        self::done('ok');
    }

    public static function fail(Throwable $error): void
    {
        self::end();
        self::say('error', self::described($error));
        self::done($error instanceof SbxInterrupted ? 'interrupted' : 'error', $error instanceof SbxExit ? $error->getCode() : null);
    }

    private static function end(): void
    {
        self::$running = false;
        if (getmypid() !== self::$process) self::leave(0); // a child that a cell has forked ends where the cell ends
        while (ob_get_level()) ob_end_flush();
        self::giveStdin(null);
    }

    /** Puts what a cell reads at descriptor 0; without FFI it finds what the kernel itself has there. */
    private static function giveStdin(mixed $stdin): void
    {
        if (!self::$libc) return;
        $file = is_string($stdin) && $stdin !== '' ? tmpfile() : null;
        if ($file) fwrite($file, $stdin);
        // A duplicate of PHP's own would share its place in the file.
        $name = $file ? stream_get_meta_data($file)['uri'] : '/dev/null';
        $from = $stdin === true ? self::$ownStdin : self::$libc->open($name, 0);
        self::$libc->dup2($from, 0);
        if ($stdin !== true) self::$libc->fcntl($from, 2, 1);
        if (!is_resource(STDIN)) return;
        if ($stdin === null) stream_get_contents(STDIN); // what PHP had read ahead
        fseek(STDIN, 0, SEEK_CUR); // it remembers the end of what was there
    }

    // ---- Code

    /** The cell as a file that returns the value of its last expression. */
    private static function compiled(string $code): string
    {
        $opening = preg_match('/^\s*<\?/', $code) ? '' : '<?php ';
        $tokens = PhpToken::tokenize($opening . $code);
        self::refuseRedeclaration($tokens);
        $texts = self::withoutExit($tokens);
        self::$hasValue = true;
        $last = end($tokens);
        if ($last->is([T_INLINE_HTML, T_CLOSE_TAG])) {
            self::$hasValue = false;
            return implode('', $texts);
        }
        foreach (self::starts($tokens) as $start) {
            $statement = rtrim(implode('', array_slice($texts, $start)), "; \t\r\n");
            $first = self::significant($tokens, $start);
            if (!$first || $first->is(self::STATEMENTS) || !self::parses("<?php return ($statement\n);")) continue;
            return implode('', array_slice($texts, 0, $start)) . " return ($statement\n);";
        }
        return implode('', $texts) . "\n;return null;";
    }

    /** Where the last statement may begin: behind a semicolon, or a brace that may belong to a statement before it. */
    private static function starts(array $tokens): array
    {
        $starts = [];
        $depth = 0;
        foreach ($tokens as $index => $token) {
            if ($token->is(['{', '(', '[', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES, T_ATTRIBUTE])) $depth++;
            if ($token->is(['}', ')', ']'])) $depth--;
            if ($depth || !self::significant($tokens, $index + 1)) continue;
            if ($token->is([';', T_OPEN_TAG])) $starts = [$index + 1];
            if ($token->is('}')) $starts[] = $index + 1;
        }
        return $starts;
    }

    private static function significant(array $tokens, int $from): ?PhpToken
    {
        for ($index = $from; isset($tokens[$index]); $index++)
            if (!$tokens[$index]->isIgnorable() && !$tokens[$index]->is(';')) return $tokens[$index];
        return null;
    }

    /** `exit` ends the cell, not the kernel. */
    private static function withoutExit(array $tokens): array
    {
        $texts = array_column($tokens, 'text');
        foreach ($tokens as $index => $token) {
            if (!$token->is(T_EXIT)) continue;
            for ($next = $index + 1; isset($tokens[$next]) && $tokens[$next]->isIgnorable();) $next++;
            $texts[$index] = '\SbxKernel::exit' . (isset($tokens[$next]) && $tokens[$next]->is('(') ? '' : '()');
        }
        return $texts;
    }

    public static function exit(string|int $status = 0): never
    {
        if (getmypid() !== self::$process) self::leave((int) $status);
        if (is_string($status)) echo $status;
        throw new SbxExit((string) $status, is_int($status) ? $status & 0xff : 0);
    }

    /** PHP would end with a fatal error. */
    private static function refuseRedeclaration(array $tokens): void
    {
        if (array_filter($tokens, fn($token) => $token->is(T_NAMESPACE))) return;
        $depth = 0;
        $before = null;
        foreach ($tokens as $token) {
            if ($token->isIgnorable() || $token->text === '&') continue;
            if ($token->is(['{', '(', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES])) $depth++;
            if ($token->is(['}', ')'])) $depth--;
            $name = $depth === 0 && $token->is(T_STRING) ? $token->text : null;
            if ($name && $before?->is(T_FUNCTION) && function_exists($name))
                throw new Error("Cannot redeclare $name(), a function stays as it is");
            $isKnown = $name && (class_exists($name, false) || interface_exists($name, false) || trait_exists($name, false));
            if ($isKnown && $before?->is([T_CLASS, T_INTERFACE, T_TRAIT, T_ENUM]))
                throw new Error("Cannot declare $name, because the name is already in use");
            $before = $token;
        }
    }

    private static function parses(string $file): bool
    {
        return self::complaint($file) === null;
    }

    private static function complaint(string $file): ?string
    {
        try {
            @PhpToken::tokenize($file, TOKEN_PARSE);
            return null;
        } catch (ParseError $error) {
            return $error->getMessage();
        }
    }

    private static function completeness(string $code): string
    {
        $file = (preg_match('/^\s*<\?/', $code) ? $code : "<?php $code") . "\n";
        $complaint = self::complaint($file);
        if ($complaint === null || self::parses("$file;")) return 'complete';
        return preg_match('/unexpected end of file|^Unclosed|Unterminated comment|unexpected string content/', $complaint) ? 'incomplete' : 'invalid';
    }

    // ---- Values

    private static function bundle(mixed $value): array
    {
        $shown = self::shown($value);
        if (strlen($shown) > self::TEXT_CAP)
            return ['data' => ['text/plain' => self::cut($shown, self::TEXT_CAP)], 'metadata' => new stdClass(), 'truncated' => ['text/plain']];
        $data = ['text/plain' => $shown];
        if (is_array($value) && self::isPlain($value)) $data['application/json'] = $value;
        return ['data' => $data, 'metadata' => new stdClass()];
    }

    private static function isPlain(mixed $value, int $depth = 0): bool
    {
        if (is_float($value)) return is_finite($value);
        if (is_string($value)) return mb_check_encoding($value, 'UTF-8');
        if (!is_array($value)) return $value === null || is_scalar($value);
        if ($depth > 50) return false;
        foreach ($value as $key => $item) if (!self::isPlain($key) || !self::isPlain($item, $depth + 1)) return false;
        return true;
    }

    /** As one would write it; what is long has a line for each item. */
    private static function shown(mixed $value, int $depth = 0): string
    {
        if ($value === null) return 'null';
        if (is_scalar($value)) return var_export($value, true);
        if ($value instanceof UnitEnum) return $value::class . "::$value->name";
        if ($value instanceof Closure) return 'Closure';
        if (!is_array($value) && !is_object($value)) return 'resource(' . get_debug_type($value) . ')';
        [$before, $open, $close] = is_array($value) ? ['', '[', ']'] : [$value::class . ' ', '{', '}'];
        if ($depth > 8) return "{$before}{$open}…{$close}";
        $items = [];
        $isList = is_array($value) && array_is_list($value);
        foreach (is_array($value) ? $value : self::properties($value) as $key => $item) {
            $name = $isList ? '' : (is_array($value) ? var_export($key, true) . ' => ' : "$key: ");
            $items[] = $name . self::shown($item, $depth + 1);
        }
        $line = implode(', ', $items);
        if (strlen($line) < 72 && !str_contains($line, "\n")) return "$before$open$line$close";
        $indent = str_repeat('    ', $depth);
        return "$before$open\n$indent    " . implode(",\n$indent    ", $items) . ",\n$indent$close";
    }

    /** Private ones too, by their names. */
    private static function properties(object $value): array
    {
        $properties = [];
        foreach ((array) $value as $name => $item) $properties[preg_replace('/^\0.*\0/', '', $name)] = $item;
        return $properties;
    }

    private static function cut(string $text, int $bytes): string
    {
        return mb_strcut(mb_scrub($text, 'UTF-8'), 0, $bytes, 'UTF-8');
    }

    /** PHP's own words, without the kernel's frames. */
    private static function described(Throwable $error): array
    {
        $name = ['SbxInterrupted' => 'KeyboardInterrupt', 'SbxExit' => 'ProcessExit'][$error::class] ?? $error::class;
        $text = str_replace($error::class . ':', "$name:", (string) $error);
        if ($error instanceof SbxInterrupted) $text = str_replace('SbxInterrupted', $name, $text);
        $file = preg_quote(__FILE__, '/');
        $text = preg_replace(["/^#\d+ ($file|.*: SbxKernel::).*\n/m", "/ in $file:\d+$/m"], '', $text);
        $number = 0;
        $text = preg_replace_callback('/^(Stack trace:)|^#\d+/m', function ($found) use (&$number) {
            return isset($found[1]) ? $found[1 + ($number = 0)] : '#' . $number++;
        }, $text);
        return [
            'name' => $name,
            'value' => self::cut($error->getMessage(), self::VALUE_CAP),
            'traceback' => self::cut("$text\n", self::TRACEBACK_CAP),
            'frames' => self::frames($error),
        ];
    }

    private static function frames(Throwable $error): array
    {
        $frames = [];
        $at = ['file' => $error->getFile(), 'line' => $error->getLine()];
        foreach ([...$error->getTrace(), ['function' => '']] as $call) {
            $function = ($call['class'] ?? '') . ($call['type'] ?? '') . $call['function'];
            if ($at['file'] !== __FILE__ && $at['file'] !== '') {
                $source = trim(SbxCell::$sources[$at['file']][$at['line'] - 1] ?? '');
                $frames[] = $at + ['function' => $function === 'include' ? '' : $function, 'source' => self::cut($source, 500)];
            }
            $at = ['file' => $call['file'] ?? '', 'line' => $call['line'] ?? 0];
        }
        return array_slice(array_reverse($frames), -100);
    }

    // ---- Questions

    private static function names(): array
    {
        $own = fn($name) => !in_array($name, self::SUPERGLOBALS, true) && !str_starts_with($name, '__sbx');
        return array_values(array_filter(array_map(strval(...), array_keys($GLOBALS)), $own));
    }

    private static function variables(): void
    {
        self::$running = true;
        $names = self::names();
        $described = array_map(self::variable(...), array_slice($names, 0, self::VARIABLES));
        self::$running = false;
        self::say('variables', ['variables' => $described, 'truncated' => count($names) > self::VARIABLES]);
    }

    private static function variable(string $name): array
    {
        $value = $GLOBALS[$name];
        $shown = preg_replace('/\n\s*/', ' ', self::shown($value));
        $entry = ['name' => $name, 'type' => get_debug_type($value), 'repr' => mb_substr($shown, 0, self::REPR, 'UTF-8')];
        if (is_string($value)) $entry['length'] = mb_strlen($value, 'UTF-8');
        if (is_array($value)) $entry['length'] = count($value);
        if (mb_strlen($shown, 'UTF-8') > self::REPR) $entry['truncated'] = true;
        return $entry;
    }

    private static function complete(string $code, mixed $cursor): void
    {
        $before = is_int($cursor) && $cursor >= 0 ? mb_substr($code, 0, $cursor, 'UTF-8') : $code;
        preg_match('/(?:(?<owner>\$?\w+)(?<kind>\??->|::))?(?<word>\$?\w*)$/u', $before, $found);
        $matches = array_filter(self::candidates($found['owner'], $found['kind']), fn($name) => str_starts_with($name, $found['word']));
        sort($matches);
        $end = mb_strlen($before, 'UTF-8');
        $start = $end - mb_strlen($found['word'], 'UTF-8');
        self::say('completions', ['matches' => array_slice(array_values(array_unique($matches)), 0, self::MATCHES), 'start' => $start, 'end' => $end]);
    }

    private static function candidates(string $owner, string $kind): array
    {
        if ($kind === '::')
            return class_exists($owner, false)
                ? [...array_keys((new ReflectionClass($owner))->getConstants()), ...get_class_methods($owner)]
                : [];
        if ($kind) {
            $value = $GLOBALS[substr($owner, 1)] ?? null;
            return is_object($value) ? [...array_keys(get_object_vars($value)), ...get_class_methods($value)] : [];
        }
        $functions = array_merge(...array_values(get_defined_functions()));
        $own = fn($name) => !str_starts_with($name, 'Sbx');
        $variables = array_map(fn($name) => "\$$name", self::names());
        $classes = array_filter(get_declared_classes(), $own);
        return [...$variables, ...$functions, ...$classes, ...array_keys(get_defined_constants()), ...self::KEYWORDS];
    }

    private const KEYWORDS = ['abstract', 'array', 'as', 'break', 'case', 'catch', 'class', 'const', 'continue', 'default', 'do', 'echo',
        'else', 'elseif', 'empty', 'enum', 'exit', 'extends', 'final', 'finally', 'fn', 'for', 'foreach', 'function', 'global', 'if',
        'implements', 'include', 'instanceof', 'interface', 'isset', 'list', 'match', 'namespace', 'new', 'null', 'print', 'private',
        'protected', 'public', 'readonly', 'require', 'return', 'static', 'switch', 'throw', 'trait', 'try', 'unset', 'use', 'while', 'yield'];
}

SbxKernel::start();
while (SbxKernel::next()) {
    try {
        SbxKernel::finish(include 'cell://' . SbxKernel::$count);
    } catch (Throwable $__sbx_error) {
        SbxKernel::fail($__sbx_error);
        unset($__sbx_error);
    }
}

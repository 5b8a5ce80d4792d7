-- The Lua kernel: runs cells as chunks of one global environment and answers on channels 3 and 4 (docs/kernels.md).
--
-- It is started with SIGINT blocked, which Lua can't handle more than once: a hook looks now and then whether one is
-- pending. Lua can't open descriptors by number either, so two programs carry the channels.

local OWNER_GONE = 70
local TEXT_CAP, TRACEBACK_CAP, VALUE_CAP = 1 << 20, 256 << 10, 64 << 10
local VARIABLES, MATCHES, REPR = 500, 500, 200
local LOOK_INTERVAL = 1000000 -- instructions, some milliseconds
local CLOSE = "exec 3<&- 4>&- 5<&- 6>&-\n" -- what no program inherits

local real = { execute = os.execute, popen = io.popen, exit = os.exit, open = io.open, stdin = io.stdin, stdout = io.stdout,
    stderr = io.stderr, input = io.input, sethook = debug.sethook, traceback = debug.traceback, pack = table.pack,
    pcall = pcall, xpcall = xpcall, resume = coroutine.resume }
local pcall, error, xpcall, load, tostring, type, next = pcall, error, xpcall, load, tostring, type, next
local string, table, utf8, math, io, os, coroutine = string, table, utf8, math, io, os, coroutine
local getmetatable, ipairs, tonumber, rawget = getmetatable, ipairs, tonumber, rawget
local G = _G

local requests = real.popen("exec cat <&3 4>&-", "r")
local answers = real.popen("exec cat >&4 3<&-", "w")

local count, current, sources = 0, nil, {}
local interrupted, exited = {}, {} -- errors that nothing else equals

-- ---- JSON

local null = {}
local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

--- Well-formed UTF-8; each byte that is none becomes a replacement character.
local function clean(text)
    local at, pieces = 1, {}
    while true do
        local length, bad = utf8.len(text, at)
        if length then break end
        pieces[#pieces + 1] = text:sub(at, bad - 1)
        pieces[#pieces + 1] = "\u{fffd}"
        at = bad + 1
    end
    pieces[#pieces + 1] = text:sub(at)
    return table.concat(pieces)
end

--- At most so many bytes, and no half character at the end.
local function cut(text, bytes)
    if #text <= bytes then return text end
    while bytes > 0 and text:byte(bytes + 1) & 0xc0 == 0x80 do bytes = bytes - 1 end
    return text:sub(1, bytes)
end

local function quote(text)
    return '"' .. clean(text):gsub('[%c"\\\x7f]', function(c) return ESCAPES[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

--- A table with `n` is an array.
local function encode(value)
    if value == null then return "null" end
    if type(value) == "string" then return quote(value) end
    if type(value) ~= "table" then return tostring(value) end
    local items = {}
    if value.n then
        for i = 1, value.n do items[i] = encode(value[i]) end
        return "[" .. table.concat(items, ",") .. "]"
    end
    for key, item in next, value do items[#items + 1] = quote(key) .. ":" .. encode(item) end
    return "{" .. table.concat(items, ",") .. "}"
end

local function list(items)
    items.n = #items
    return items
end

local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local decode

local function bad(at) error({ protocol = "not JSON: at byte " .. at }, 0) end

--- The text of a string that begins at a byte, and where the next thing begins.
local function decode_string(text, at)
    local pieces, from = {}, at + 1
    while true do
        local found = text:find('["\\\0-\31]', from) or bad(at)
        pieces[#pieces + 1] = text:sub(from, found - 1)
        local kind, escape = text:sub(found, found), text:sub(found + 1, found + 1)
        if kind == '"' then return table.concat(pieces), found + 1 end
        if kind ~= "\\" then bad(found) end
        from = found + 2
        if escape == "u" then
            local code = tonumber(text:match("^%x%x%x%x", from) or bad(found), 16)
            from = from + 4
            local low = code & 0xfc00 == 0xd800 and text:match("^\\u([dD][c-fC-F]%x%x)", from)
            if low then code, from = 0x10000 + ((code & 0x3ff) << 10) + (tonumber(low, 16) & 0x3ff), from + 6 end
            pieces[#pieces + 1] = utf8.char(code & ~0x7ff == 0xd800 and 0xfffd or code)
        else
            pieces[#pieces + 1] = UNESCAPES[escape] or escape:match('["\\/]') or bad(found)
        end
    end
end

local function decode_items(text, at, close)
    local result = {}
    at = text:find("%S", at + 1) or bad(at)
    if text:sub(at, at) == close then return result, at + 1 end
    while true do
        local key, mark = #result + 1, nil
        if close == "}" then
            key, at = decode(text, at)
            at = text:match("^%s*:()", at) or bad(at)
        end
        result[key], at = decode(text, at)
        mark, at = text:match("^%s*([,%]}])()", at)
        if mark == close then return result, at end
        if mark ~= "," then bad(at or #text) end
    end
end

--- The value that begins at a byte, and where the next thing begins.
function decode(text, at)
    at = text:find("%S", at) or bad(at)
    local first = text:sub(at, at)
    if first == '"' then return decode_string(text, at) end
    if first == "{" then return decode_items(text, at, "}") end
    if first == "[" then return decode_items(text, at, "]") end
    for word, value in next, { ["true"] = true, ["false"] = false, null = null } do
        if text:sub(at, at + #word - 1) == word then return value, at + #word end
    end
    local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at) or bad(at)
    return tonumber(number) or bad(at), at + #number
end

-- ---- Answers

local function say(kind, fields)
    real.stdout:flush()
    real.stderr:flush()
    fields.type, fields.id = kind, current or null
    if not (answers:write(encode(fields), "\n") and answers:flush()) then real.exit(OWNER_GONE) end
end

local left -- the code that the cell's `os.exit` gave

local function done(status) say("done", { status = status, execution_count = count, exit_code = left }) end

local function fail(name, value, traceback, frames)
    say("error", { name = name, value = cut(clean(value), VALUE_CAP), traceback = cut(clean(traceback), TRACEBACK_CAP),
        frames = list(frames or {}) })
end

-- ---- SIGINT

local function is_interrupted()
    local status = real.open("/proc/self/status")
    if not status then return false end
    local text = status:read("a")
    status:close()
    local pending = text:match("ShdPnd:%s*(%x+)")
    return pending and tonumber(pending, 16) & 2 ~= 0
end

--- C's system() ignores the signal for a moment, which takes a pending one away.
local function forget_interrupt()
    if is_interrupted() then real.execute(":") end
end

local function look()
    if is_interrupted() then error(interrupted, 0) end
end

--- In coroutines of the cell too.
local function watch()
    real.sethook(look, "", LOOK_INTERVAL)
    local create, wrap = coroutine.create, coroutine.wrap
    local function watched(run)
        return type(run) ~= "function" and run or function(...)
            real.sethook(look, "", LOOK_INTERVAL)
            return run(...)
        end
    end
    coroutine.create = function(run) return create(watched(run)) end
    coroutine.wrap = function(run) return wrap(watched(run)) end
    watch = function() real.sethook(look, "", LOOK_INTERVAL) end
end

-- ---- What cells find

--- What a cell reads: a file, in place of descriptor 0.
local input

local function give_stdin(stdin)
    if input and input ~= real.stdin then pcall(input.close, input) end
    if stdin == true then
        input = real.stdin
    elseif type(stdin) == "string" and stdin ~= "" then
        input = io.tmpfile()
        input:write(stdin)
        input:seek("set")
    else
        input = real.open("/dev/null")
    end
    io.stdin = input
    real.input(input)
end

local function without_channels(command) return CLOSE .. command end

os.execute = function(command)
    if command == nil then return real.execute() end
    return real.execute(without_channels(command))
end
io.popen = function(command, ...) return real.popen(without_channels(command), ...) end

--- Neither SIGINT nor `os.exit` is for the cell to catch.
local function uncaught(ok, problem, ...)
    if not ok and (problem == interrupted or type(problem) == "table" and problem[exited] ~= nil) then error(problem, 0) end
    return ok, problem, ...
end
G.pcall = function(...) return uncaught(real.pcall(...)) end
G.xpcall = function(run, handler, ...)
    return uncaught(real.xpcall(run, function(problem)
        if problem == interrupted or type(problem) == "table" and problem[exited] ~= nil then return problem end
        return handler(problem)
    end, ...))
end
coroutine.resume = function(...) return uncaught(real.resume(...)) end

--- Ends the cell, not the kernel.
os.exit = function(code) error({ [exited] = code == nil and true or code }, 0) end

-- ---- Values

local function is_name(key) return type(key) == "string" and key:find("^[%a_][%w_]*$") end

--- As Lua's own prompt shows it; a table that has no `__tostring` with what is in it.
local function shown(value, depth)
    if type(value) == "string" then return depth and ("%q"):format(value):gsub("\\\n", "\\n") or value end
    local meta = getmetatable(value)
    if type(value) ~= "table" or type(meta) == "table" and (meta.__tostring or meta.__name) then return tostring(value) end
    depth = depth or 0
    if depth > 4 then return "{…}" end
    local items, size = {}, #value
    for i = 1, math.min(size, 1000) do items[i] = shown(value[i], depth + 1) end
    for key, item in next, value do
        if not (math.type(key) == "integer" and key >= 1 and key <= size) then
            local name = is_name(key) and key or "[" .. shown(key, depth + 1) .. "]"
            items[#items + 1] = name .. " = " .. shown(item, depth + 1)
        end
        if #items > 1000 then break end
    end
    if #items > 1000 then items[#items] = "…" end
    local line = table.concat(items, ", ")
    if #line < 72 and not line:find("\n") then return "{" .. line .. "}" end
    local indent = ("  "):rep(depth + 1)
    return "{\n" .. indent .. table.concat(items, ",\n" .. indent) .. "\n" .. ("  "):rep(depth) .. "}"
end

local function show(values)
    local texts = {}
    for i = 1, values.n do texts[i] = shown(values[i]) end
    return clean(table.concat(texts, "\t"))
end

-- ---- Running cells

local function chunk_name() return ("=<cell %d>"):format(count) end

--- The cell, which gives the values of its last expression to the function that it is called with. What is a call on its
--- own may go on with what looks like an expression of the next line, so a line that begins so is none.
local function compiled(code)
    local name = chunk_name()
    local function with_value(from)
        local expression = code:sub(from):gsub("[%s;]+$", "")
        return load(code:sub(1, from - 1) .. " return (...)(" .. expression .. "\n)", name, "t")
    end
    local plain, complaint = load(code, name, "t")
    if not code:find("%S") then return plain end
    local from, whole = #code, with_value(1)
    if whole then return whole end
    for _ = 1, 100 do
        local at = code:sub(1, from):match(".*[\n;]()%s*%S")
        if not at then break end
        local run = not (plain and code:find("^%s*[%[({\"']", at)) and with_value(at)
        if run then return run end
        from = at - 2
    end
    return plain, complaint
end

local function frames_of(traceback)
    local frames = {}
    for line in traceback:gmatch("[^\n]+") do
        local file, number, rest = line:match("^%s*(<cell %d+>):(%d+): in (.*)")
        if file then
            local source = sources[file] and sources[file][tonumber(number)] or ""
            table.insert(frames, 1, { file = file, line = tonumber(number), source = cut(clean(source:match("^%s*(.-)%s*$")), 500),
                ["function"] = clean(rest:match("'([^']*)'") or "") })
        end
    end
    while #frames > 100 do table.remove(frames, 1) end
    return frames
end

--- Lua's own words, without the kernel's frames.
local function handled(problem)
    if problem == interrupted or type(problem) == "table" and problem[exited] ~= nil then return problem end
    local meta = type(problem) == "table" and getmetatable(problem)
    local text = (type(problem) == "string" or type(problem) == "number" or type(meta) == "table" and meta.__tostring) and tostring(problem)
        or ("(error object is a %s value)"):format(type(problem))
    local lines = {}
    for line in (real.traceback("", 2):gsub("^\n", "")):gmatch("[^\n]+") do
        if line:find("/.sbx/kernel.lua", 1, true) and #lines > 1 then break end
        if not line:find("in function 'error'", 1, true) and not line:find("/.sbx/kernel.lua", 1, true) then lines[#lines + 1] = line end
    end
    while #lines > 1 and lines[#lines]:find("[C]: in function 'xpcall'", 1, true) do lines[#lines] = nil end
    return { text = text, trace = (table.concat(lines, "\n"):gsub("in upvalue 'run'", "in main chunk")) }
end

local function report(problem)
    if problem == interrupted then
        fail("KeyboardInterrupt", "", "interrupted!\n")
        return "interrupted"
    end
    if problem[exited] ~= nil then
        local code = problem[exited]
        left = code == true and 0 or (math.tointeger(tonumber(code)) or 1) & 0xff
        fail("ProcessExit", tostring(problem[exited]), "os.exit: " .. tostring(problem[exited]) .. "\n")
        return "error"
    end
    fail("Error", problem.text, problem.text .. "\n" .. problem.trace .. "\n", frames_of(problem.trace))
    return "error"
end

local function execute(request)
    count = count + 1
    local lines = {}
    for line in (request.code .. "\n"):gmatch("(.-)\r?\n") do lines[#lines + 1] = line end
    sources[chunk_name():sub(2)] = lines
    local run, complaint = compiled(request.code)
    if not run then
        local line = tonumber(complaint:match("^<cell %d+>:(%d+):"))
        fail("SyntaxError", complaint, complaint .. "\n",
            { { file = chunk_name():sub(2), line = line or 1, ["function"] = "", source = cut(clean(lines[line or 1] or ""), 500) } })
        return "error"
    end
    give_stdin(request.stdin)
    forget_interrupt()
    watch()
    local text
    local ok, problem = xpcall(function()
        local values = run(real.pack)
        if type(values) == "table" and values.n and (values.n > 1 or values[1] ~= nil) then text = show(values) end
    end, handled)
    real.sethook()
    io.output(real.stdout)
    give_stdin()
    if not ok then return report(problem) end
    if not text then return "ok" end
    local data = { data = { ["text/plain"] = cut(text, TEXT_CAP) }, metadata = {} }
    if #text > TEXT_CAP then data.truncated = list { "text/plain" } end
    say("result", data)
    return "ok"
end

-- ---- Questions

local initial = {}
for name in next, G do initial[name] = true end

local function characters(text, most)
    local at = utf8.offset(text, most + 1)
    return at and text:sub(1, at - 1) or text, at and at <= #text
end

local function variable(name, value)
    local text = clean((shown(value, 0):gsub("\n%s*", " ")))
    local repr, truncated = characters(text, REPR)
    local entry = { name = name, type = math.type(value) or type(value), repr = repr }
    if type(value) == "string" then entry.length = utf8.len(value) or #value end
    if type(value) == "table" then entry.length = #value end
    if truncated then entry.truncated = true end
    return entry
end

local function variables()
    local names, found = {}, {}
    for name in next, G do
        if type(name) == "string" and not initial[name] and #name <= 200 then names[#names + 1] = name end
    end
    table.sort(names)
    forget_interrupt()
    watch()
    local ok = pcall(function()
        for i = 1, math.min(#names, VARIABLES) do found[i] = variable(clean(names[i]), G[names[i]]) end
    end)
    real.sethook()
    if not ok then return "interrupted" end
    say("variables", { variables = list(found), truncated = #names > VARIABLES })
end

local KEYWORDS = { "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local",
    "nil", "not", "or", "repeat", "return", "then", "true", "until", "while" }

--- The table behind `a.b`, without a call.
local function owner_of(path)
    local value = G
    for name in path:gmatch("[%w_]+") do
        if type(value) == "string" then value = string end
        value = type(value) == "table" and rawget(value, name) or nil
    end
    return type(value) == "string" and string or value
end

local function complete(request)
    local at = math.type(request.cursor) == "integer" and request.cursor >= 0 and utf8.offset(request.code, request.cursor + 1)
    local before = at and request.code:sub(1, at - 1) or request.code
    local path, word = before:match("([%a_][%w_.]*)[.:]([%w_]*)$")
    word = word or before:match("[%a_][%w_]*$") or ""
    local seen, matches = {}, {}
    local function add(name)
        if is_name(name) and name:sub(1, #word) == word and not seen[name] then seen[name], matches[#matches + 1] = true, name end
    end
    local owner = path and owner_of(path) or not path and not before:find("[.:]$") and G
    if type(owner) == "table" then
        for name in next, owner do add(name) end
    end
    if owner == G then
        for _, name in ipairs(KEYWORDS) do add(name) end
    end
    table.sort(matches)
    local cursor = utf8.len(before) or #before
    say("completions", { matches = list { table.unpack(matches, 1, math.min(#matches, MATCHES)) }, start = cursor - #word, ["end"] = cursor })
end

local function is_complete(request)
    local expression, complaint = load("return " .. request.code, "=", "t")
    local chunk, other_complaint = load(request.code, "=", "t")
    local status = "complete"
    if not expression and not chunk then
        local is_open = complaint:find("<eof>$") or other_complaint:find("<eof>$")
        status = is_open and "incomplete" or "invalid"
    end
    say("completeness", { status = status, indent = "" })
end

-- ---- The kernel's life

local HANDLERS = { execute = execute, variables = variables, complete = complete, is_complete = is_complete,
    shutdown = function() end, input = function() end } -- nobody waits for a line
local TAKES_CODE = { execute = true, complete = true, is_complete = true }

local function answer(line)
    current, left = nil, nil
    if not utf8.len(line) then error({ protocol = "not JSON: no UTF-8" }, 0) end
    local request = decode(line, 1)
    if type(request) ~= "table" or type(request.type) ~= "string" then error({ protocol = "not a request: no type" }, 0) end
    local id = request.id
    if id ~= nil and id ~= null and (type(id) ~= "string" or #id > 128) then
        error({ protocol = "not a request: the id isn't a short string" }, 0)
    end
    current = id
    local handler = HANDLERS[request.type] or error({ protocol = "no such request: " .. request.type:sub(1, 100) }, 0)
    if TAKES_CODE[request.type] and type(request.code) ~= "string" then
        error({ protocol = "not a request: code isn't a string" }, 0)
    end
    return handler(request) or "ok", request.type == "shutdown"
end

arg = { [0] = "" }
give_stdin()
for line in requests:lines() do
    if line ~= "" then
        local ok, status, ends = pcall(answer, line)
        if not ok then
            local text = type(status) == "table" and status.protocol or tostring(status)
            fail("ProtocolError", text, text .. "\n")
            status = "error"
        end
        done(status)
        if ends then break end
    end
end
answers:close() -- waits until all has been carried
real.exit(0)

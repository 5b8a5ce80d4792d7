# The Ruby kernel: runs cells in the top level's binding and answers on channels 3 and 4 (docs/kernels.md).

require "fcntl"
require "json"
require "ripper"

# Everything of the kernel's own, out of the way of cells.
module SbxKernel
  OWNER_GONE = 70
  TEXT_CAP = 1 << 20
  TRACEBACK_CAP = 256 << 10
  VALUE_CAP = 64 << 10
  VARIABLES = 500
  MATCHES = 500
  REPR = 200
  FRAME = /\A(?<file><cell \d+>|[^:]+):(?<line>\d+)(?::in [`'](?<function>[^']*)')?/

  class ProtocolError < StandardError; end

  # What cells read where the owner types: each line is asked for when it is wanted.
  class Typed
    include Enumerable

    def initialize(ask) = @ask = ask

    def gets(*, chomp: false, **)
      line = @ask.call
      $_ = line&.public_send(chomp ? :chomp : :itself)
    end

    def each_line(**options)
      while (line = gets(**options)) do yield line end
    end
    alias each each_line

    def readline(...) = gets(...) || raise(EOFError, "end of file reached")
    def readlines(**options) = to_enum(:each_line, **options).to_a
    def read(*) = readlines.join
    def fileno = 0
    def tty? = false
    alias isatty tty?
  end

  module_function

  # A private copy that no program inherits and no cell closes by its number.
  def private_copy(number, mode)
    given = IO.for_fd(number, mode)
    copy = IO.for_fd(given.fcntl(Fcntl::F_DUPFD, 100), mode)
    copy.close_on_exec = true
    given.close
    copy.sync = true
    copy
  end

  def run
    @own_process = Process.pid
    @requests = private_copy(3, "r").set_encoding(Encoding::UTF_8)
    @answers = private_copy(4, "w")
    @own_stdin = STDIN.dup
    @sources = {}
    @count = 0
    ARGV.clear
    $PROGRAM_NAME = "ruby"
    [STDOUT, STDERR].each { |stream| stream.sync = true }
    @initial = Object.constants
    trap("INT") { interrupt }
    while (line = @requests.gets)
      next if line == "\n"

      break if answer(line) == :shutdown
    end
    ended
  end

  def ended = exit!(0)

  # In the handler: only what runs, or what lies unread, is interrupted.
  def interrupt
    return Thread.main.raise(Interrupt, "") if @running

    @pending = true if IO.select([@requests], nil, nil, 0)
  end

  def say(type, **fields)
    [STDOUT, STDERR].each { |stream| stream.flush unless stream.closed? }
    @answers.write(JSON.generate({ type:, id: @id, **fields }) << "\n")
  rescue SystemCallError, IOError
    exit!(OWNER_GONE)
  end

  # JSON that every parser takes.
  def text(value, cap = nil)
    value = value.dup.force_encoding(Encoding::UTF_8) if value.encoding == Encoding::BINARY
    value = value.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
    cap && value.bytesize > cap ? value.byteslice(0, cap).scrub("") : value
  end

  def answer(line)
    @id = @left = nil
    request = parsed(line)
    @id = request["id"]
    status = handle(request)
    request["type"] == "shutdown" ? :shutdown : nil
  rescue ProtocolError => error
    say("error", name: "ProtocolError", value: error.message, traceback: "#{error.message}\n", frames: [])
    status = "error"
    nil
  rescue Interrupt
    status = "interrupted"
    nil
  ensure
    say("done", status:, execution_count: @count, **(@left ? { exit_code: @left } : {}))
  end

  def parsed(line)
    request = begin
      raise JSON::ParserError, "no UTF-8" unless line.valid_encoding?

      JSON.parse(line, max_nesting: 100)
    rescue JSON::ParserError, JSON::NestingError => error
      raise ProtocolError, "not JSON: #{text(error.message, 200)}"
    end
    raise ProtocolError, "not a request: no type" unless request.is_a?(Hash) && request["type"].is_a?(String)

    id = request["id"]
    raise ProtocolError, "not a request: the id isn't a short string" unless id.nil? || (id.is_a?(String) && id.size <= 128)

    request
  end

  # How it went.
  def handle(request)
    type = request["type"]
    if %w[execute complete is_complete].include?(type) && !request["code"].is_a?(String)
      raise ProtocolError, "not a request: code isn't a string"
    end

    case type
    when "execute" then return execute(request)
    when "variables" then variables
    when "complete" then complete(request["code"], request["cursor"])
    when "is_complete" then say("completeness", status: completeness(request["code"]), indent: "")
    when "shutdown", "input" then nil # an execution that waited for the line has ended
    else raise ProtocolError, "no such request: #{text(type, 100)}"
    end
    "ok"
  end

  # ---- Running cells

  def execute(request)
    name = "<cell #{@count += 1}>"
    @sources[name] = request["code"].lines
    give_stdin(request)
    shown = interruptible { bundle(TOPLEVEL_BINDING.eval(request["code"], name, 1)) }
    say("result", **shown) if shown
    "ok"
  rescue Interrupt => error
    say("error", **described(error), name: "KeyboardInterrupt")
    "interrupted"
  rescue Exception => error
    @left = error.status & 0xFF if error.is_a?(SystemExit)
    say("error", **described(error))
    "error"
  ensure
    exit!(0) if Process.pid != @own_process # a child that a cell has forked ends where the cell ends
    take_stdin
  end

  # What may take long, or for ever.
  def interruptible
    Thread.handle_interrupt(Interrupt => :never) do
      @running = true
      raise Interrupt, "" if @pending

      Thread.handle_interrupt(Interrupt => :immediate) { yield }
    ensure
      @running = @pending = false
    end
  end

  def bundle(value)
    return if value.nil?

    shown = text(value.inspect)
    data = { "text/plain" => text(shown, TEXT_CAP) }
    return { data:, metadata: {}, truncated: ["text/plain"] } if shown.bytesize > TEXT_CAP

    data["application/json"] = value if plain?(value)
    { data:, metadata: {} }
  end

  # Whether it is an array or a hash of what JSON has.
  def plain?(value, depth = 0)
    return false if depth > 50

    case value
    when Array then value.all? { |item| plain_item?(item, depth) }
    when Hash then value.all? { |key, item| (key.is_a?(String) || key.is_a?(Symbol)) && plain_item?(item, depth) }
    else false
    end
  end

  def plain_item?(item, depth)
    case item
    when nil, true, false, Integer then true
    when Float then item.finite?
    when String then item.encoding == Encoding::UTF_8 && item.valid_encoding?
    else plain?(item, depth + 1)
    end
  end

  def described(error)
    own, error_text = own_frames(error), message_of(error)
    full = traced(error, own)
    own = error_text.lines.first(1) if error.is_a?(SyntaxError) && own.empty? # which begins with the place
    { name: text(error.class.name || "Exception", 1024), value: text(error_text, VALUE_CAP),
      traceback: text("#{full}\n", TRACEBACK_CAP), frames: frames(own) }
  end

  def message_of(error)
    error.message.to_s
  rescue Exception
    "(no message)"
  end

  # Ruby's own words, without the kernel's frames.
  def traced(error, own)
    shown = error.dup
    shown.set_backtrace(own)
    return shown.full_message(highlight: false, order: :top).chomp unless own.empty?

    "#{message_of(error)} (#{error.class})"
  rescue Exception
    "#{message_of(error)} (#{error.class})"
  end

  def own_frames(error)
    (error.backtrace || []).reject { |frame| frame.start_with?(__FILE__, "<internal:") }
  end

  def frames(own)
    own.reverse.last(100).filter_map do |frame|
      next unless (found = FRAME.match(frame))

      source = @sources.dig(found[:file], found[:line].to_i - 1).to_s.strip
      { file: found[:file], line: found[:line].to_i, function: found[:function] || "", source: text(source, 500) }
    end
  end

  # ---- What cells read

  def give_stdin(request)
    return $stdin = Typed.new(method(:typed_line)) if request["asks"] == true
    return STDIN.reopen(@own_stdin) if request["stdin"] == true

    STDIN.reopen(given(request["stdin"]))
  end

  def take_stdin
    $stdin = STDIN
    STDIN.reopen(File::NULL)
  end

  # A file of no name that holds it.
  def given(content)
    return File.open(File::NULL) unless content.is_a?(String) && !content.empty?

    file = File.open("/tmp", File::RDWR | File::TMPFILE, 0o600)
    file.write(content)
    file.rewind
    file
  end

  # The next line that is typed, or nil at the end. Another request in its place means the end too.
  def typed_line
    say("input")
    line = @requests.gets or ended
    request = JSON.parse(line)
    request["type"] == "input" && request["id"] == @id && !request["text"].to_s.empty? ? request["text"] : nil
  rescue JSON::ParserError
    nil
  end

  # ---- Questions

  def variables
    main = TOPLEVEL_BINDING.receiver
    names = TOPLEVEL_BINDING.local_variables.reject { |name| name.start_with?("_") }
    found = names.map { |name| [name, TOPLEVEL_BINDING.local_variable_get(name)] }
    found.reject! { |_, value| value.nil? } # declared in code that did not get there
    found += main.instance_variables.map { |name| [name, main.instance_variable_get(name)] }
    found += (Object.constants - @initial).map { |name| [name, Object.const_get(name)] }
    described = interruptible { found.first(VARIABLES).map { |name, value| variable(name, value) } }
    say("variables", variables: described, truncated: found.size > VARIABLES)
  end

  def variable(name, value)
    shown = begin
      text(value.inspect)
    rescue StandardError
      "(inspect failed)"
    end
    entry = { name: text(name.to_s, 200), type: value.class.to_s, repr: shown[0, REPR] }
    entry[:length] = value.size if [String, Array, Hash].any? { |kind| value.instance_of?(kind) }
    entry[:truncated] = true if shown.size > REPR
    entry
  end

  def complete(code, cursor)
    before = cursor.is_a?(Integer) && cursor >= 0 ? code[0, cursor] : code
    found = /(?:(?<owner>[\p{Alpha}_@$][\p{Alnum}_:]*)\.)?(?<word>[@$]{0,2}[\p{Alnum}_]*[?!]?)\z/.match(before)
    word = found[:word]
    names = candidates(found[:owner], before.delete_suffix(word)).map(&:to_s)
    matches = names.select { |name| name.start_with?(word) && name.match?(/\A[@$\p{Alpha}_]/) }.uniq.sort.first(MATCHES)
    say("completions", matches:, start: before.size - word.size, end: before.size)
  end

  # Only what is named is looked at; nothing is called.
  def candidates(owner, before)
    if owner
      value = value_of(owner)
      return value.nil? ? [] : value.methods
    end
    return [] if before.end_with?(".")

    receiver = TOPLEVEL_BINDING.receiver
    TOPLEVEL_BINDING.local_variables + receiver.instance_variables + global_variables + Object.constants +
      receiver.methods + receiver.private_methods + KEYWORDS
  end

  def value_of(name)
    scope = TOPLEVEL_BINDING
    return scope.local_variable_get(name) if name.match?(/\A[\p{Lower}_]\w*\z/) && scope.local_variable_defined?(name)
    return scope.receiver.instance_variable_get(name) if name.match?(/\A@\w+\z/)

    Object.const_get(name) if name.match?(/\A\p{Upper}[\w:]*\z/) && !Object.autoload?(name)
  rescue NameError
    nil
  end

  KEYWORDS = %w[alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not
                or redo rescue retry return self super then true undef unless until when while yield].freeze

  INCOMPLETE = /unexpected end-of-input|unterminated|can't find string|embedded document meets end of file/

  def completeness(code)
    parser = Class.new(Ripper) do
      attr_reader :complaint

      def on_parse_error(message) = @complaint ||= message
      def compile_error(message) = @complaint ||= message
      alias_method :on_alias_error, :on_parse_error
      alias_method :on_assign_error, :on_parse_error
      alias_method :on_class_name_error, :on_parse_error
      alias_method :on_param_error, :on_parse_error
    end.new(code)
    parser.parse
    return code.match?(/(\\|\.|,)\s*\z/) ? "incomplete" : "complete" unless parser.error?

    parser.complaint.to_s.match?(INCOMPLETE) || unfinished_heredoc?(code) ? "incomplete" : "invalid"
  end

  def unfinished_heredoc?(code)
    tokens = Ripper.lex(code).map { |token| token[1] }
    tokens.count(:on_heredoc_beg) > tokens.count(:on_heredoc_end)
  end
end

SbxKernel.run

PATTERNS = [/agg[act]aa/, /ga(?:tt|cc)a/, /[B-Y]{2}/, /a{5,}/, /(?:ct){3}/, /g[BDK]t|t[VWY]g/, /^[acgt]+$/]

text = STDIN.read
PATTERNS.each { |pattern| puts "#{pattern.source.gsub("?:", "")} #{text.scan(pattern).size}" }
bare = text.gsub(/>.*\n|\n/, "")
marked = bare.gsub(/[B-Y]+/, '<\0>')
puts [text, bare, marked].map(&:size).join(" ")

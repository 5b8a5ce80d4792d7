def counts(text, length) = text.each_char.each_cons(length).map(&:join).tally

text = STDIN.each_line(chomp: true).drop_while { |line| !line.start_with?(">THREE") }.drop(1).join.upcase
[1, 2].each do |length|
  found = counts(text, length)
  total = found.values.sum
  found.sort_by { |word, count| [-count, word] }.each { |word, count| puts "%s %.3f" % [word, 100.0 * count / total] }
  puts
end
%w[GAT GATT GATTA GATTACA].each { |word| puts "#{counts(text, word.length).fetch(word, 0)} #{word}" }

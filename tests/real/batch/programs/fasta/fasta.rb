SEQUENCE = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC"
BASES = { a: 30, c: 20, g: 20, t: 30 }
CODES = { a: 27, c: 12, g: 12, t: 27, **"BDHKMNRSVWY".each_char.to_h { |code| [code.to_sym, 2] } }

RANDOM = Enumerator.produce(42) { |seed| (seed * 1366 + 150889) % 714025 }.lazy.map { |seed| seed * 100 / 714025 }
RANDOM.next # the seed itself

def draw(percents, length)
  letters = percents.map { |letter, percent| letter.to_s * percent }.join
  Array.new(length) { letters[RANDOM.next] }.join
end

def write(title, text)
  puts ">#{title}", text.scan(/.{1,60}/)
end

write "ONE repeated", (SEQUENCE * 50)[0, 2000]
write "TWO drawn from all codes", draw(CODES, 3000)
write "THREE drawn from four bases", draw(BASES, 5000)

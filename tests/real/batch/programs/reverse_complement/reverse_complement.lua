local complements = {}
local from, to = "ACGTBDHKMNRSVWYacgt", "TGCAVHDMKNYSBWRTGCA"
for i = 1, #from do complements[from:sub(i, i)] = to:sub(i, i) end

for title, text in io.read("a"):gmatch("(>[^\n]*\n)([^>]*)") do
  io.write(title)
  text = text:gsub("\n", ""):reverse():gsub("%a", complements)
  for start = 1, #text, 60 do print(text:sub(start, start + 59)) end
end

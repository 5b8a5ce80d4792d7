local sequence = "GATTACATTAGCCAGGCTAGCTTTACGGAAACCCTGATCGATTGCAC"

-- "a3b" is "aaab"
local function letters(shares)
  return (shares:gsub("(%a)(%d*)", function(letter, count) return letter:rep(tonumber(count) or 1) end))
end

local codes = letters("a27c12g12t27B2D2H2K2M2N2R2S2V2W2Y2")
local bases = letters("a30c20g20t30")

local seed = 42
local function draw(from)
  seed = (seed * 1366 + 150889) % 714025
  local at = seed * 100 // 714025 + 1
  return from:sub(at, at)
end

local function draws(from, length)
  local drawn = {}
  for i = 1, length do drawn[i] = draw(from) end
  return table.concat(drawn)
end

local function write(title, text)
  print(">" .. title)
  for start = 1, #text, 60 do print(text:sub(start, start + 59)) end
end

write("ONE repeated", sequence:rep(50):sub(1, 2000))
write("TWO drawn from all codes", draws(codes, 3000))
write("THREE drawn from four bases", draws(bases, 5000))

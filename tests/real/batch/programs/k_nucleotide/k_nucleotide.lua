local function counts(text, length)
  local found = setmetatable({}, { __index = function() return 0 end })
  for i = 1, #text - length + 1 do
    local word = text:sub(i, i + length - 1)
    found[word] = found[word] + 1
  end
  return found
end

local text = io.read("a"):match(">THREE[^\n]*\n(.*)"):gsub("%s", ""):upper()
for length = 1, 2 do
  local found, words = counts(text, length), {}
  for word in pairs(found) do words[#words + 1] = word end
  table.sort(words, function(a, b)
    if found[a] ~= found[b] then return found[a] > found[b] end
    return a < b
  end)
  for _, word in ipairs(words) do print(("%s %.3f"):format(word, 100 * found[word] / (#text - length + 1))) end
  print()
end
for _, word in ipairs { "GAT", "GATT", "GATTA", "GATTACA" } do
  print(("%d %s"):format(counts(text, #word)[word], word))
end

local n <const> = 96

local function stays(cr, ci)
  local zr, zi = 0.0, 0.0
  for _ = 1, 50 do
    zr, zi = zr * zr - zi * zi + cr, 2 * zr * zi + ci
    if zr * zr + zi * zi > 4 then return false end
  end
  return true
end

io.write("P4\n", n, " ", n, "\n")
for y = 0, n - 1 do
  for x = 0, n - 1, 8 do
    local byte = 0
    for i = x, x + 7 do
      byte = byte << 1 | (stays(2 * i / n - 1.5, 2 * y / n - 1) and 1 or 0)
    end
    io.write(string.char(byte))
  end
end

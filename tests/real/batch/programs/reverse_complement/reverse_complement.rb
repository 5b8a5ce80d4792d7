STDIN.each_line(">", chomp: true).drop(1).each do |record|
  title, text = record.split("\n", 2)
  puts ">#{title}", text.delete("\n").reverse.tr("ACGTBDHKMNRSVWYacgt", "TGCAVHDMKNYSBWRTGCA").scan(/.{1,60}/)
end
